// SPDX-License-Identifier: Apache-2.0
// A synchronisation: what changed is written under the next generation in small slices, then the generation is
// switched. Nobody sees anything before, and a crash leaves only rows that the next start removes.
#include <algorithm>
#include <array>
#include <unordered_map>

#include <Poco/Data/Statement.h>
#include <openssl/evp.h>

#include <jackfield/json.hpp>

#include "model/problem.hpp"
#include "store/configuration_impl.hpp"
#include "store/people_impl.hpp"
#include "store/slices.hpp"
#include "store/sqlite_session.hpp"

namespace jackfield::store {

using namespace Poco::Data::Keywords;
using model::Problem;
using Poco::Data::Session;

namespace {

constexpr std::size_t most_reasons = 100;
constexpr std::size_t usual_entries = 100'000;
constexpr std::size_t longest_id = 200;
constexpr std::size_t longest_entry = 64 * 1024;

using Hash = std::array<char, 32>;  // hexadecimal digits of 128 bits

Hash hashOf(const std::string& text) {
  // EVP_sha256() would be looked up again for every entry.
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  std::array<unsigned char, 32> full{};
  if (EVP_Digest(text.data(), text.size(), full.data(), nullptr, sha256.get(), nullptr) != 1)
    throw std::runtime_error("OpenSSL refused SHA-256");
  const std::string hex = hexOf(full.data(), 16);
  Hash out{};
  std::copy(hex.begin(), hex.end(), out.begin());
  return out;
}

// All that an entry holds, unambiguously and cheaper than JSON: most entries of most runs have not changed.
void flatten(const directory::Person& person, std::string& out) {
  out.clear();
  const auto add = [&out](const std::string& text) { (out += std::to_string(text.size()) += ':') += text; };
  for (const auto* text :
       {&person.id, &person.dn, &person.login, &person.name, &person.given_name, &person.surname, &person.mail,
        &person.mail2, &person.title, &person.department, &person.company, &person.location, &person.extension})
    add(*text);
  for (const auto& number : person.numbers) {
    out += static_cast<char>('a' + static_cast<int>(number.kind));
    add(number.value);
  }
  out += '|';
  for (const auto& role : person.roles) add(role);
}

// On its way from one thread to another: its texts stand in one piece, because every string that is freed on another
// thread than its own makes both wait.
struct NewRow {
  enum Column { id, name, login, extension, digits, sortName, body, columns };

  std::uint32_t number = 0;
  bool is_user = false;
  Hash hash{};
  std::string texts{};
  std::array<std::uint32_t, columns> ends{};

  void end(Column column) { ends[column] = static_cast<std::uint32_t>(texts.size()); }
  std::string_view text(Column column) const {
    const std::size_t begin = column == id ? 0 : ends[column - 1];
    return std::string_view(texts).substr(begin, ends[column] - begin);
  }
};

void insertRows(Session& session, const std::vector<NewRow>& rows, std::int64_t directory, std::int64_t since) {
  Prepared insert(session,
                  "INSERT INTO people (number, directory, since, until, id, hash, is_user, name, login, extension, "
                  "digits, sort_name, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
  for (const auto& row : rows)
    insert.run(row.number, directory, since, no_end, row.text(NewRow::id),
               std::string_view(row.hash.data(), row.hash.size()), row.is_user ? 1 : 0, row.text(NewRow::name),
               row.text(NewRow::login), row.text(NewRow::extension), row.text(NewRow::digits),
               row.text(NewRow::sortName), row.text(NewRow::body));
}

void endRows(Session& session, const std::vector<std::uint32_t>& numbers, std::int64_t until) {
  Prepared end(session, "UPDATE people SET until = $1 WHERE number = $2");
  for (const auto number : numbers) end.run(until, number);
}

void deleteRows(Session& session, const std::vector<Poco::Int64>& numbers) {
  Prepared remove(session, "DELETE FROM people WHERE number = $1");
  for (const auto number : numbers) remove.run(std::int64_t{number});
}

}  // namespace

DirectoryState People::Impl::directory(const std::string& handle) {
  DirectoryState state;
  std::string name = handle;
  const auto find = [&](Session& session) {
    Poco::Int64 number = 0;
    Poco::Int64 generation = 0;
    session << "SELECT number, generation, cursor, telephony_server FROM directories WHERE handle = $1", into(number),
        into(generation), into(state.cursor), into(state.telephony_server), use(name), now;
    state.number = number;
    state.generation = generation;
  };
  database.read(find);
  if (state.number != 0) return state;
  database.write([&](Session& session) {
    session << "INSERT INTO directories (handle, generation, cursor, telephony_server) VALUES ($1, 0, '', '')",
        use(name), now;
    find(session);
  });
  return state;
}

void People::Impl::removeLeftovers(const DirectoryState& state) {
  Poco::Int64 directory = state.number;
  Poco::Int64 generation = state.generation;
  std::vector<Poco::Int64> never_seen, ended;
  database.read([&](Session& session) {
    session << "SELECT number FROM people WHERE directory = $1 AND since > $2", into(never_seen), use(directory),
        use(generation), now;
    session << "SELECT number FROM people WHERE directory = $1 AND until > $2 AND until < 9223372036854775807",
        into(ended), use(directory), use(generation), now;
  });
  Slices slices(database);
  while (!never_seen.empty()) {
    const auto from = never_seen.end() - static_cast<std::ptrdiff_t>(std::min(slices.rows(), never_seen.size()));
    const std::vector<Poco::Int64> some(from, never_seen.end());
    never_seen.erase(from, never_seen.end());
    slices.submit(some.size(), [some](Session& session) { deleteRows(session, some); });
  }
  while (!ended.empty()) {
    const auto from = ended.end() - static_cast<std::ptrdiff_t>(std::min(slices.rows(), ended.size()));
    const std::vector<std::uint32_t> some(from, ended.end());
    ended.erase(from, ended.end());
    slices.submit(some.size(), [some](Session& session) { endRows(session, some, no_end); });
  }
  slices.finish();
}

// Each slice asks for the next: nobody waits, and what is left at a stop goes at the next start.
void People::Impl::removeEnded(const DirectoryState& state) {
  constexpr std::size_t slice = 100;
  struct Cleaning {
    static void next(Database& of, DirectoryState which) {
      const auto found = std::make_shared<std::size_t>(0);
      of.writeLater(
          [which, found](Session& session) {
            Poco::Int64 directory = which.number;
            Poco::Int64 generation = which.generation;
            std::vector<Poco::Int64> numbers;
            session << "SELECT number FROM people WHERE directory = $1 AND until <= $2 AND "
                       "until < 9223372036854775807 LIMIT 100",
                into(numbers), use(directory), use(generation), now;
            deleteRows(session, numbers);
            *found = numbers.size();
          },
          [&of, which, found](const std::exception_ptr& failure) {
            if (!failure && *found == slice) next(of, which);
          },
          Durability::ordered);
    }
  };
  Poco::Int64 directory = state.number;
  Poco::Int64 generation = state.generation;
  Poco::Int64 ended = 0;
  database.read([&](Session& session) {
    session << "SELECT count(*) FROM people WHERE directory = $1 AND until <= $2 AND until < 9223372036854775807",
        into(ended), use(directory), use(generation), now;
  });
  if (ended > 0) Cleaning::next(database, state);
}

struct People::SyncRun::Impl {
  struct Known {
    Hash hash;
    std::uint32_t number;
    bool seen;
  };

  Impl(std::shared_ptr<People::Impl> of, std::string name, directory::SyncMode with)
      : people(std::move(of)), directory(std::move(name)), mode(with), slices(people->database) {}
  ~Impl();

  void load();
  void add(const directory::Person&);
  void remove(const std::string& id);
  void put(const directory::Person&, const Hash&);
  void endRow(std::uint32_t number);
  void submitRows();
  void submitEnds();
  void note(const std::string& dn, const std::string& reason);
  SyncCounts counts() const;
  bool switchGeneration(const std::string& cursor);
  void noteConflicts();

  std::shared_ptr<People::Impl> people;
  const std::string directory;
  const directory::SyncMode mode;
  DirectoryState state;
  std::optional<std::string> telephony_server;
  std::unordered_map<std::string, Known> known;  // by id
  std::uint64_t known_at_begin = 0;
  std::uint64_t seen_of_known = 0;
  SyncCounts count;
  std::vector<std::string> reasons;
  std::vector<NewRow> rows;
  std::vector<std::uint32_t> ends;
  std::unordered_map<std::string, std::uint32_t> fresh;  // rows of this incremental run, by id
  std::string flat;                                      // of the entry that is looked at
  Words tokenizer;
  Slices slices;
  bool written = false;
  bool finished = false;
};

People::SyncRun::SyncRun(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
People::SyncRun::SyncRun(SyncRun&&) noexcept = default;
People::SyncRun::~SyncRun() = default;

People::SyncRun People::beginSync(const std::string& directory, directory::SyncMode mode, const SyncOptions& options) {
  {
    const std::lock_guard lock(impl_->runs_mutex);
    if (!impl_->running.insert(directory).second)
      throw Problem(Problem::Kind::conflict, "people.sync.running",
                    directory + ": a synchronisation is running already; wait for its end");
  }
  // From here on the run's end takes the mark away again.
  auto run = std::make_unique<SyncRun::Impl>(impl_, directory, mode);
  run->telephony_server = options.default_telephony_server;
  run->load();
  return SyncRun(std::move(run));
}

void People::SyncRun::Impl::load() {
  state = people->directory(directory);
  bool dirty = false;
  {
    const std::lock_guard lock(people->runs_mutex);
    dirty = people->dirty.contains(directory);
  }
  if (dirty) {
    people->removeLeftovers(state);
    const std::lock_guard lock(people->runs_mutex);
    people->dirty.erase(directory);
  }
  known.reserve(usual_entries);
  people->database.read([this](Session& session) {
    Prepared found(session, "SELECT id, hash, number FROM people WHERE directory = $1 AND since <= $2 AND until > $3");
    found.ask(state.number, state.generation, state.generation);
    while (found.next()) {
      Known entry{{}, static_cast<std::uint32_t>(found.integer(2)), false};
      const auto hash = found.text(1);
      std::copy_n(hash.begin(), std::min(hash.size(), entry.hash.size()), entry.hash.begin());
      known.emplace(found.text(0), entry);
    }
  });
  known_at_begin = known.size();
}

People::SyncRun::Impl::~Impl() {
  if (written && !finished) {
    try {
      slices.finish();
    } catch (const std::exception&) {
      // What failed is undone below like the rest.
    }
    try {
      people->removeLeftovers(state);
    } catch (const std::exception&) {
      const std::lock_guard lock(people->runs_mutex);
      people->dirty.insert(directory);
    }
  }
  const std::lock_guard lock(people->runs_mutex);
  people->running.erase(directory);
}

void People::SyncRun::Impl::note(const std::string& dn, const std::string& reason) {
  if (reasons.size() < most_reasons) reasons.push_back(dn.substr(0, 300) + ": " + reason);
}

void People::SyncRun::Impl::add(const directory::Person& person) {
  ++count.seen;
  const auto refuse = [&](const std::string& why) {
    ++count.skipped;
    note(person.dn, why);
  };
  if (person.id.empty() || person.id.size() > longest_id || person.id.find('\0') != std::string::npos)
    return refuse("its immutable id is missing or no text of 1 to 200 octets");
  flatten(person, flat);
  if (flat.size() > longest_entry) return refuse("it holds more than 64 KiB");
  const Hash hash = hashOf(flat);
  const auto [place, is_new] = known.try_emplace(person.id, Known{hash, 0, true});
  if (is_new) {
    const auto view = people->view();
    if (const auto rank = view->byId(person.id); rank && view->entry(*rank).directory != state.number) {
      known.erase(place);
      return refuse("another directory server already gave an entry with this id");
    }
    ++count.added;
    return put(person, hash);
  }
  auto& entry = place->second;
  if (entry.seen && mode == directory::SyncMode::full)
    return refuse("another entry of this directory has the same id; look at the attribute mapping");
  if (!entry.seen) ++seen_of_known;
  const bool first = !entry.seen;
  entry.seen = true;
  if (entry.hash == hash) {
    if (first) ++count.unchanged;
    return;
  }
  if (first) ++count.changed;
  entry.hash = hash;
  if (const auto before = fresh.find(person.id); before != fresh.end())
    endRow(before->second);
  else if (entry.number != 0)
    endRow(entry.number);
  put(person, hash);
}

void People::SyncRun::Impl::put(const directory::Person& person, const Hash& hash) {
  const bool is_user = std::find(person.roles.begin(), person.roles.end(), "user") != person.roles.end();
  NewRow row{people->next_number++, is_user, hash};
  row.texts.reserve(2 * flat.size());
  const auto add = [&row](NewRow::Column column, const std::string& text) {
    row.texts += text;
    row.end(column);
  };
  add(NewRow::id, person.id);
  add(NewRow::name, storable(person.name));
  add(NewRow::login, storable(person.login));
  add(NewRow::extension, storable(person.extension));
  add(NewRow::digits, digitsOf(person));
  add(NewRow::sortName, tokenizer.sortName(person.name));
  writeJson(row.texts, person);
  row.end(NewRow::body);
  if (mode == directory::SyncMode::incremental) fresh[person.id] = row.number;
  rows.push_back(std::move(row));
  if (rows.size() >= slices.rows()) submitRows();
}

void People::SyncRun::Impl::endRow(std::uint32_t number) {
  ends.push_back(number);
  if (ends.size() >= slices.rows()) submitEnds();
}

void People::SyncRun::Impl::submitRows() {
  if (rows.empty()) return;
  written = true;
  const auto some = std::make_shared<std::vector<NewRow>>(std::exchange(rows, {}));
  slices.submit(some->size(), [some, number = state.number, since = state.generation + 1](Session& session) {
    insertRows(session, *some, number, since);
  });
}

// After the rows: an entry that came twice ends a row that must be there by then.
void People::SyncRun::Impl::submitEnds() {
  submitRows();
  if (ends.empty()) return;
  written = true;
  const auto some = std::make_shared<std::vector<std::uint32_t>>(std::exchange(ends, {}));
  slices.submit(some->size(),
                [some, until = state.generation + 1](Session& session) { endRows(session, *some, until); });
}

void People::SyncRun::Impl::remove(const std::string& id) {
  const auto place = known.find(id);
  if (place == known.end()) return;
  if (const auto row = fresh.find(id); row != fresh.end()) {
    endRow(row->second);
    fresh.erase(row);
  } else {
    endRow(place->second.number);
  }
  if (place->second.number != 0) ++count.removed;
  known.erase(place);
}

void People::SyncRun::add(const directory::SyncPart& part) {
  for (const auto& person : part.entries) impl_->add(person);
  // A full run removes what it did not see; ids mean nothing to it.
  if (impl_->mode == directory::SyncMode::incremental)
    for (const auto& id : part.removed) impl_->remove(id);
  impl_->count.skipped += part.skipped.size();
}

SyncCounts People::SyncRun::Impl::counts() const {
  auto out = count;
  if (mode == directory::SyncMode::full) out.removed = known_at_begin - seen_of_known;
  return out;
}

SyncCounts People::SyncRun::counts() const {
  return impl_->counts();
}

std::vector<std::string> People::SyncRun::reasons() const {
  return impl_->reasons;
}

bool People::SyncRun::Impl::switchGeneration(const std::string& cursor) {
  const auto counted = counts();
  const bool moved = counted.added + counted.changed + counted.removed > 0 || written;
  const bool server = telephony_server && *telephony_server != state.telephony_server;
  if (!moved && !server && cursor == state.cursor) return false;
  slices.finish();
  Poco::Int64 generation = state.generation + (moved ? 1 : 0);
  std::string at = cursor;
  std::string phones = telephony_server.value_or(state.telephony_server);
  Poco::Int64 number = state.number;
  people->database.write([&](Session& session) {
    session << "UPDATE directories SET generation = $1, cursor = $2, telephony_server = $3 WHERE number = $4",
        use(generation), use(at), use(phones), use(number), now;
  });
  state.generation = generation;
  return moved || server;
}

SyncCounts People::SyncRun::finish(const std::string& cursor) {
  auto& run = *impl_;
  const auto counted = run.counts();
  if (run.mode == directory::SyncMode::full)
    for (const auto& [id, entry] : run.known)
      if (!entry.seen) run.endRow(entry.number);
  run.submitEnds();
  const std::lock_guard changes(run.people->changes);
  if (run.switchGeneration(cursor)) {
    run.finished = true;
    auto fresh = run.people->loadedBook();
    run.people->follow(run.state);  // before anybody who is shown what is new asks it for that
    run.people->show(std::move(fresh));
    run.people->removeEnded(run.state);
  }
  run.finished = true;
  run.noteConflicts();
  return counted;
}

void People::SyncRun::Impl::noteConflicts() {
  const std::shared_lock lock(people->mutex);
  const auto& view = people->book.view();
  for (const auto& conflict : people->book.conflicts())
    for (const auto& other : conflict.others) {
      const auto owner = view.byId(conflict.owner);
      const auto rank = view.byId(other);
      if (!owner || !rank || view.entry(*rank).directory != state.number) continue;
      note(std::string(view.entry(*rank).name), "extension " + conflict.extension + " on " + conflict.telephony_server +
                                                    " belongs to " + std::string(view.entry(*owner).name) +
                                                    "; calls of it are not shown to this user");
    }
}

void People::removeDirectory(const std::string& directory) {
  beginSync(directory, directory::SyncMode::full).finish("");
}

}  // namespace jackfield::store
