// SPDX-License-Identifier: Apache-2.0
// FTS5 without stored text and without positions: words in any order is all that is asked of it.
#include "store/search_index.hpp"

#include <Poco/Data/Statement.h>

#include "model/problem.hpp"
#include "store/sqlite_session.hpp"
#include "store/words.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

namespace {

constexpr int most_queued = 200;
constexpr auto longest_wait = std::chrono::seconds(10);

const std::vector<Migration>& schema() {
  static const std::vector<Migration> migrations = {
      {1,
       {"CREATE TABLE state (epoch TEXT NOT NULL, last INTEGER NOT NULL, size INTEGER NOT NULL)",
        "INSERT INTO state (epoch, last, size) VALUES ('', 0, 0)",
        std::string("CREATE VIRTUAL TABLE entries USING fts5(words, content='', columnsize=0, detail=none, "
                    "prefix='1 2', tokenize='") +
            tokenizer_options + "')"}}};
  return migrations;
}

void removeFiles(const std::filesystem::path& file) {
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end, ignored);
}

}  // namespace

SearchIndex::SearchIndex(const std::filesystem::path& file, const std::string& epoch) {
  try {
    database_ = std::make_unique<Database>(file, schema());
    load(epoch);
  } catch (const model::Problem& problem) {
    if (problem.code() != "store.damaged" && problem.code() != "store.newer" && problem.code() != "store.failed") throw;
    database_.reset();
    removeFiles(file);
    database_ = std::make_unique<Database>(file, schema());
    load(epoch);
  }
}

SearchIndex::~SearchIndex() = default;

void SearchIndex::load(const std::string& epoch) {
  std::string found;
  Poco::Int64 last = 0;
  Poco::Int64 size = 0;
  database_->read([&](Session& session) {
    session << "SELECT epoch, last, size FROM state", into(found), into(last), into(size), now;
  });
  if (found != epoch) {
    std::string name = epoch;
    last = size = 0;
    database_->write([&](Session& session) {
      execute(session, "INSERT INTO entries (entries) VALUES ('delete-all')");
      session << "UPDATE state SET last = 0, size = 0, epoch = $1", use(name), now;
    });
  }
  last_ = static_cast<std::uint32_t>(last);
  findable_ = last_.load();
  size_ = static_cast<std::uint64_t>(size);
}

void SearchIndex::insert(Session& session, const std::vector<IndexedWords>& entries) {
  std::int64_t last = 0;
  Prepared insert(session, "INSERT INTO entries (rowid, words) VALUES ($1, $2)");
  for (const auto& entry : entries) {
    last = std::max(last, std::int64_t{entry.number});
    insert.run(entry.number, entry.words);
  }
  Prepared count(session, "UPDATE state SET last = max(last, $1), size = size + $2");
  count.run(last, std::uint64_t{entries.size()});
}

void SearchIndex::add(std::vector<IndexedWords> entries) {
  if (entries.empty()) return;
  {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [this] { return queued_ < most_queued; });
    ++queued_;
  }
  const auto newest = entries.back().number;
  last_ = std::max<std::uint32_t>(last_, newest);
  size_ += entries.size();
  const auto shared = std::make_shared<std::vector<IndexedWords>>(std::move(entries));
  database_->writeLater([this, shared](Session& session) { insert(session, *shared); },
                        [this, newest](const std::exception_ptr&) {
                          const std::lock_guard lock(mutex_);
                          --queued_;
                          findable_ = std::max<std::uint32_t>(findable_, newest);
                          written_.notify_all();
                        },
                        Durability::kept);
}

void SearchIndex::rebuild(const std::function<void(const std::function<void(const IndexedWords&)>&)>& each) {
  std::uint64_t size = 0;
  database_->write([&](Session& session) {
    execute(session, "INSERT INTO entries (entries) VALUES ('delete-all')");
    std::vector<IndexedWords> some;
    const auto insertSome = [&] {
      if (!some.empty()) insert(session, some);
      size += some.size();
      some.clear();
    };
    each([&](const IndexedWords& entry) {
      last_ = std::max<std::uint32_t>(last_, entry.number);
      some.push_back(entry);
      if (some.size() >= 1000) insertSome();
    });
    insertSome();
    Poco::Int64 now_there = static_cast<Poco::Int64>(size);
    session << "UPDATE state SET size = $1", use(now_there), now;
  });
  size_ = size;
  findable_ = last_.load();
}

std::vector<std::uint32_t> SearchIndex::find(const std::string& question, std::uint32_t newest) const {
  std::vector<std::uint32_t> out;
  if (question.empty()) return out;
  if (findable_ < newest) {
    std::unique_lock lock(mutex_);
    written_.wait_for(lock, longest_wait, [&] { return findable_ >= newest || queued_ == 0; });
  }
  database_->read([&](Session& session) {
    Prepared rows(session, "SELECT rowid FROM entries WHERE entries MATCH $1 ORDER BY rowid");
    rows.ask(question);
    while (rows.next()) out.push_back(static_cast<std::uint32_t>(rows.integer(0)));
  });
  return out;
}

}  // namespace jackfield::store
