// SPDX-License-Identifier: Apache-2.0
// Questions about people and users. Names, numbers and extensions are answered from memory, whole entries from disk.
#include "store/people.hpp"

#include <algorithm>

#include <Poco/Nullable.h>

#include <jackfield/json.hpp>

#include "model/phone_number.hpp"
#include "model/problem.hpp"
#include "store/people_impl.hpp"
#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using model::Problem;
using Poco::Data::Session;

namespace {

constexpr std::size_t most_entries = 1000;
constexpr int most_tries = 3;

std::filesystem::path indexFile(const std::filesystem::path& database) {
  return database.parent_path() / (database.stem().string() + "-search.db");
}

directory::Person shortPerson(const PeopleView::Entry& entry) {
  directory::Person out;
  out.id = entry.id;
  out.name = entry.name;
  out.login = entry.login;
  out.extension = entry.extension;
  return out;
}

directory::Person personFrom(std::string_view body) {
  return fromJson<directory::Person>(parseJson(body), Unknown::ignore);
}

// A row that a disk has damaged must not keep the others from being found: `otherwise` stands in its place.
directory::Person readable(std::string_view body, directory::Person otherwise) {
  try {
    return personFrom(body);
  } catch (const Error&) {
    return otherwise;
  }
}

Problem unknownUser(const std::string& id) {
  return {Problem::Kind::notFound, "people.user.unknown", "user: there is none with the id " + id.substr(0, 80)};
}

}  // namespace

People::Impl::Impl(Database& in) : database(in) {
  std::string epoch;
  std::vector<std::string> handles;
  database.read([&](Session& session) {
    session << "SELECT epoch FROM identity", into(epoch), now;
    session << "SELECT handle FROM directories", into(handles), now;
  });
  // What a crash in the middle of a synchronisation, or of the cleaning after one, has left behind.
  for (const auto& handle : handles) {
    const auto state = directory(handle);
    removeLeftovers(state);
    removeEnded(state);
  }
  index = std::make_unique<SearchIndex>(
      indexFile(database.file()), epoch,
      [this](const SearchIndex::Generation& upto, std::uint32_t number) { return gained(upto, number); });
  std::int64_t highest = 0;
  database.read([&](Session& session) { highest = integer(session, "SELECT coalesce(max(number), 0) FROM people"); });
  next_number = std::max(static_cast<std::uint32_t>(highest), index->last()) + 1;
  show(loadedBook());
  for (const auto& generation : generations()) index->follow(generation);
}

UserBook People::Impl::loadedBook() const {
  UserBook fresh;
  const auto view = std::make_shared<const PeopleView>(database);
  database.read([&](Session& session) { fresh.load(session, view); });
  return fresh;
}

void People::Impl::show(UserBook fresh) {
  const std::unique_lock lock(mutex);
  std::swap(book, fresh);
}

void People::Impl::follow(const DirectoryState& state) {
  if (index->size() > 2 * std::uint64_t{view()->size()} + 10'000)
    index->rebuild(generations());
  else
    index->follow({state.number, state.generation});
}

std::vector<IndexedWords> People::Impl::gained(const SearchIndex::Generation& upto, std::uint32_t number) const {
  std::vector<IndexedWords> out;
  Words tokenizer;
  database.read([&](Session& session) {
    Prepared rows(session,
                  "SELECT number, body FROM people WHERE number > $1 AND directory = $2 AND since <= $3 "
                  "ORDER BY number LIMIT 500");
    rows.ask(number, upto.directory, upto.generation);
    while (rows.next())
      out.push_back({static_cast<std::uint32_t>(rows.integer(0)), tokenizer.of(readable(rows.text(1), {}))});
  });
  return out;
}

std::vector<SearchIndex::Generation> People::Impl::generations() const {
  std::vector<SearchIndex::Generation> out;
  database.read([&](Session& session) {
    Prepared rows(session, "SELECT number, generation FROM directories");
    while (rows.next()) out.push_back({rows.integer(0), rows.integer(1)});
  });
  return out;
}

std::shared_ptr<const PeopleView> People::Impl::view() const {
  const std::shared_lock lock(mutex);
  return book.sharedView();
}

// Ranks in any order.
std::vector<std::uint32_t> People::Impl::matching(const std::string& text, const PeopleView& from,
                                                  bool users_only) const {
  std::vector<std::uint32_t> ranks;
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    ranks.resize(from.size());
    for (std::uint32_t rank = 0; rank < from.size(); ++rank) ranks[rank] = rank;
  } else {
    std::string question;
    {
      const std::lock_guard lock(words_mutex);
      question = words.question(text);
    }
    ranks = from.ranksOf(index->find(question));
  }
  if (users_only) std::erase_if(ranks, [&](std::uint32_t rank) { return !from.isUser(rank); });
  return ranks;
}

std::optional<std::vector<directory::Person>> People::Impl::load(const PeopleView& from,
                                                                 const std::vector<std::uint32_t>& ranks) const {
  std::vector<directory::Person> out;
  bool complete = true;
  database.read([&](Session& session) {
    Prepared rows(session, "SELECT body FROM people WHERE number = $1");
    for (const auto rank : ranks) {
      rows.ask(from.numberOf(rank));
      if (!(complete = rows.next())) return;
      out.push_back(readable(rows.text(0), shortPerson(from.entry(rank))));
    }
  });
  return complete ? std::optional(std::move(out)) : std::nullopt;
}

People::People(Database& database) : impl_(std::make_shared<Impl>(database)) {}
People::~People() = default;

namespace {

// The page of these ranks, the smallest first, that is, by name.
std::vector<std::uint32_t> pageOf(std::vector<std::uint32_t>& ranks, std::size_t limit, std::size_t offset) {
  const auto end = std::min(ranks.size(), offset + std::min(limit, most_entries));
  if (offset >= end) return {};
  std::partial_sort(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(end), ranks.end());
  return {ranks.begin() + static_cast<std::ptrdiff_t>(offset), ranks.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

PersonPage People::search(const std::string& text, std::size_t limit, std::size_t offset) const {
  // A generation switch between the view and the index or the disk takes entries away: then once more.
  for (int tries = 0;; ++tries) {
    const auto view = impl_->view();
    auto ranks = impl_->matching(text, *view, false);
    PersonPage page;
    page.total = ranks.size();
    auto found = impl_->view() == view ? impl_->load(*view, pageOf(ranks, limit, offset)) : std::nullopt;
    if (found) {
      page.entries = *std::move(found);
      return page;
    }
    if (tries == most_tries)
      throw Problem(Problem::Kind::unavailable, "people.moving", "the directory is changing right now; try again");
  }
}

std::optional<directory::Person> People::person(const std::string& id) const {
  for (int tries = 0; tries <= most_tries; ++tries) {
    const auto view = impl_->view();
    const auto rank = view->byId(id);
    if (!rank) return std::nullopt;
    if (auto found = impl_->load(*view, {*rank})) return std::move(found->front());
  }
  return std::nullopt;
}

std::optional<directory::Person> People::byNumber(const std::string& number) const {
  const std::string digits = model::digitsOf(model::normalisedNumber(number));
  if (digits.empty()) return std::nullopt;
  const std::shared_lock lock(impl_->mutex);
  const auto& view = impl_->book.view();
  auto ranks = view.exactly(digits);
  for (const auto rank : impl_->book.withExtension(digits))
    if (std::find(ranks.begin(), ranks.end(), rank) == ranks.end()) ranks.push_back(rank);
  if (ranks.empty()) ranks = view.byEnd(digits, model::shortest_suffix);
  if (ranks.size() != 1) return std::nullopt;
  return shortPerson(view.entry(ranks.front()));
}

std::optional<UserRecord> People::user(const std::string& id) const {
  auto person = this->person(id);
  if (!person) return std::nullopt;
  const std::shared_lock lock(impl_->mutex);
  const auto rank = impl_->book.view().byId(id);
  if (!rank || !impl_->book.view().isUser(*rank)) return std::nullopt;
  auto record = impl_->book.record(*rank);
  record.person = *std::move(person);
  return record;
}

std::optional<UserRecord> People::userOf(const std::string& telephony_server, const std::string& extension) const {
  const std::shared_lock lock(impl_->mutex);
  const auto ranks = impl_->book.withExtension(telephony_server, extension);
  for (const auto rank : ranks)
    if (auto record = impl_->book.record(rank); record.enabled) return record;
  return std::nullopt;
}

UserPage People::users(const std::string& text, std::size_t limit, std::size_t offset) const {
  for (int tries = 0;; ++tries) {
    const auto view = impl_->view();
    auto ranks = impl_->matching(text, *view, true);
    const std::string digits = model::digitsOf(model::normalisedNumber(text));
    const std::shared_lock lock(impl_->mutex);
    // An extension that was set here is not in the index.
    if (impl_->book.sharedView() == view && !digits.empty()) {
      for (const auto rank : impl_->book.setHere(digits)) ranks.push_back(rank);
      std::sort(ranks.begin(), ranks.end());
      ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    }
    UserPage page;
    page.total = ranks.size();
    const auto wanted = pageOf(ranks, limit, offset);
    auto found = impl_->book.sharedView() == view ? impl_->load(*view, wanted) : std::nullopt;
    if (found) {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        page.entries.push_back(impl_->book.record(wanted[i]));
        page.entries.back().person = std::move((*found)[i]);
      }
      return page;
    }
    if (tries == most_tries)
      throw Problem(Problem::Kind::unavailable, "people.moving", "the directory is changing right now; try again");
  }
}

std::uint64_t People::userCount() const {
  return impl_->view()->users();
}

UserRecord People::change(const std::string& id, const UserChange& change) {
  {
    const std::lock_guard changes(impl_->changes);
    const auto view = impl_->view();
    const auto rank = view->byId(id);
    if (!rank || !view->isUser(*rank)) throw unknownUser(id);
    UserBook::Settings settings;
    {
      const std::shared_lock lock(impl_->mutex);
      const auto& book = impl_->book;
      settings = book.settings(id);
      if (change.telephony_server) settings.telephony_server = change.telephony_server;
      if (change.extension) settings.extension = change.extension->empty() ? std::nullopt : change.extension;
      if (change.enabled) settings.enabled = *change.enabled;
      const auto server = settings.telephony_server.value_or(book.defaultServer(*rank));
      const auto extension = settings.extension.value_or(std::string(view->entry(*rank).extension));
      const bool moves = server != book.telephonyServer(*rank) || extension != book.extension(*rank);
      for (const auto other : book.withExtension(server, extension))
        if (moves && other != *rank)
          throw Problem(Problem::Kind::conflict, "people.extension.taken",
                        "extension: " + extension + " on " + server + " belongs to " +
                            std::string(view->entry(other).name) + "; choose another, or take it from that user first",
                        {{"/extension", extension, "is taken"}});
    }
    std::string key = id;
    Poco::Nullable<std::string> server;
    Poco::Nullable<std::string> extension;
    if (settings.telephony_server) server = *settings.telephony_server;
    if (settings.extension) extension = *settings.extension;
    int enabled = settings.enabled ? 1 : 0;
    impl_->database.write([&](Session& session) {
      session << "INSERT INTO users (id, telephony_server, extension, enabled) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (id) DO UPDATE SET telephony_server = excluded.telephony_server, "
                 "extension = excluded.extension, enabled = excluded.enabled",
          use(key), use(server), use(extension), use(enabled), now;
    });
    const std::unique_lock lock(impl_->mutex);
    impl_->book.change(*rank, settings);
  }
  if (auto record = user(id)) return *std::move(record);
  throw unknownUser(id);
}

std::vector<ExtensionConflict> People::extensionConflicts() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->book.conflicts();
}

std::uint64_t People::usersOf(const std::string& telephony_server) const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->book.usersOf(telephony_server);
}

std::string People::syncCursor(const std::string& directory) const {
  std::string handle = directory;
  std::string cursor;
  impl_->database.read([&](Session& session) {
    session << "SELECT cursor FROM directories WHERE handle = $1", into(cursor), use(handle), now;
  });
  return cursor;
}

}  // namespace jackfield::store
