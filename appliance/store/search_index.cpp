// SPDX-License-Identifier: Apache-2.0
// FTS5 without stored text and without positions: words in any order is all that is asked of it.
#include "store/search_index.hpp"

#include <algorithm>

#include <Poco/Data/Statement.h>

#include "model/problem.hpp"
#include "store/sqlite_session.hpp"
#include "store/words.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

namespace {

constexpr auto longest_wait = std::chrono::seconds(10);

const std::vector<Migration>& schema() {
  static const std::vector<Migration> migrations = {
      {1,
       {"CREATE TABLE state (epoch TEXT NOT NULL, last INTEGER NOT NULL, size INTEGER NOT NULL)",
        "INSERT INTO state (epoch, last, size) VALUES ('', 0, 0)",
        std::string("CREATE VIRTUAL TABLE entries USING fts5(words, content='', columnsize=0, detail=none, "
                    "prefix='1 2', tokenize='") +
            tokenizer_options + "')"}},
      {2,
       {"CREATE TABLE followed (directory INTEGER PRIMARY KEY, number INTEGER NOT NULL)",
        "INSERT INTO entries (entries) VALUES ('delete-all')", "UPDATE state SET last = 0, size = 0"}}};
  return migrations;
}

// How far the index has followed a directory.
std::uint32_t numberOf(Session& session, std::int64_t directory) {
  Prepared row(session, "SELECT number FROM followed WHERE directory = $1");
  row.ask(directory);
  return row.next() ? static_cast<std::uint32_t>(row.integer(0)) : 0;
}

void note(Session& session, std::int64_t directory, std::uint32_t number) {
  Prepared row(session,
               "INSERT INTO followed (directory, number) VALUES ($1, $2) "
               "ON CONFLICT (directory) DO UPDATE SET number = excluded.number");
  row.run(directory, number);
}

void forget(Session& session) {
  execute(session, "INSERT INTO entries (entries) VALUES ('delete-all')");
  execute(session, "DELETE FROM followed");
  execute(session, "UPDATE state SET last = 0, size = 0");
}

void removeFiles(const std::filesystem::path& file) {
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end, ignored);
}

}  // namespace

SearchIndex::SearchIndex(const std::filesystem::path& file, const std::string& epoch, Source source)
    : source_(std::move(source)) {
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

SearchIndex::~SearchIndex() {
  stopping_ = true;
}

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
      forget(session);
      session << "UPDATE state SET epoch = $1", use(name), now;
    });
  }
  last_ = static_cast<std::uint32_t>(last);
  size_ = static_cast<std::uint64_t>(size);
}

void SearchIndex::insert(Session& session, const std::vector<IndexedWords>& entries) {
  Prepared insert(session, "INSERT INTO entries (rowid, words) VALUES ($1, $2)");
  for (const auto& entry : entries) insert.run(entry.number, entry.words);
  Prepared count(session, "UPDATE state SET last = max(last, $1), size = size + $2");
  count.run(entries.back().number, std::uint64_t{entries.size()});
}

void SearchIndex::begin() {
  const std::lock_guard lock(mutex_);
  ++behind_;
}

void SearchIndex::done() {
  const std::lock_guard lock(mutex_);
  --behind_;
  followed_.notify_all();
}

void SearchIndex::follow(const Generation& upto) {
  begin();
  takeSome(upto);
}

// Each piece asks for the next: nobody waits for the whole.
void SearchIndex::takeSome(const Generation& upto) {
  const auto some = std::make_shared<std::vector<IndexedWords>>();
  database_->writeLater(
      [this, upto, some](Session& session) {
        *some = source_(upto, numberOf(session, upto.directory));
        if (some->empty()) return;
        insert(session, *some);
        note(session, upto.directory, some->back().number);
      },
      [this, upto, some](const std::exception_ptr& failure) {
        if (failure || some->empty()) return done();
        last_ = std::max<std::uint32_t>(last_, some->back().number);
        size_ += some->size();
        if (stopping_) return done();
        takeSome(upto);
      },
      Durability::kept);
}

void SearchIndex::rebuild(const std::vector<Generation>& directories) {
  begin();  // a search in the middle waits
  database_->writeLater([](Session& session) { forget(session); },
                        [this](const std::exception_ptr& failure) {
                          if (!failure) size_ = 0;
                          done();
                        },
                        Durability::kept);
  for (const auto& directory : directories) follow(directory);
}

std::vector<std::uint32_t> SearchIndex::find(const std::string& question) const {
  std::vector<std::uint32_t> out;
  if (question.empty()) return out;
  {
    std::unique_lock lock(mutex_);
    followed_.wait_for(lock, longest_wait, [this] { return behind_ == 0; });
  }
  database_->read([&](Session& session) {
    Prepared rows(session, "SELECT rowid FROM entries WHERE entries MATCH $1 ORDER BY rowid");
    rows.ask(question);
    while (rows.next()) out.push_back(static_cast<std::uint32_t>(rows.integer(0)));
  });
  return out;
}

}  // namespace jackfield::store
