// SPDX-License-Identifier: Apache-2.0
// The event log with cursors, recovery records, live calls and the contact log.
#include "store/journal.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include <time.h>

#include "support.hpp"

namespace jackfield::store {
namespace {

using tests::TemporaryFolder;

JournalBatch eventFor(const std::string& user, const std::string& data) {
  JournalBatch batch;
  NewEvent event;
  event.type = "call";
  event.data = data;
  if (!user.empty()) event.audience = {user};
  batch.events.push_back(std::move(event));
  return batch;
}

ContactLogEntry logEntry(const std::string& user, const std::string& number) {
  ContactLogEntry entry;
  entry.user_id = user;
  entry.call = "c-" + number;
  entry.number = number;
  entry.started = 1'000'000;
  return entry;
}

JournalBatch logBatch(const std::string& user, const std::string& number) {
  JournalBatch batch;
  batch.contact_log.push_back(logEntry(user, number));
  return batch;
}

// Waits until the batch is on disk and gives back what was handed on.
std::pair<std::vector<StoredEvent>, std::vector<ContactLogEntry>> appended(Journal& journal, JournalBatch batch) {
  auto promise = std::make_shared<std::promise<std::pair<std::vector<StoredEvent>, std::vector<ContactLogEntry>>>>();
  journal.append(std::move(batch), [promise](std::vector<StoredEvent> events, std::vector<ContactLogEntry> log) {
    promise->set_value({std::move(events), std::move(log)});
  });
  return promise->get_future().get();
}

std::vector<std::string> dataOf(const std::optional<std::vector<StoredEvent>>& events) {
  std::vector<std::string> out;
  if (!events) return {"GONE"};
  for (const auto& event : *events) out.push_back(*event.data);
  return out;
}

using Texts = std::vector<std::string>;

class JournalTest : public ::testing::Test {
 protected:
  TemporaryFolder folder{"store"};
  JournalLimits limits;
};

TEST_F(JournalTest, EventsGetAscendingNumbersAndReachTheirAudienceAlone) {
  Journal journal(folder / "j.db", limits);
  const Cursor start = journal.head();
  const auto first = appended(journal, eventFor("ann", "1")).first;
  const auto second = appended(journal, eventFor("ben", "2")).first;
  appended(journal, eventFor("", "3"));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_LT(first[0].sequence, second[0].sequence);
  EXPECT_GT(first[0].time, 1'600'000'000'000);
  EXPECT_EQ(dataOf(journal.since(start, "ann", false, 100)), Texts{"1"});
  EXPECT_EQ(dataOf(journal.since(start, "ben", false, 100)), Texts{"2"});
  EXPECT_EQ(dataOf(journal.since(start, "root", true, 100)), Texts{"3"});
  EXPECT_EQ(dataOf(journal.since(start, "ann", true, 100)), (Texts{"1", "3"}));
  EXPECT_EQ(dataOf(journal.since(start, "nobody", false, 100)), Texts{});
  EXPECT_EQ(journal.head().sequence, 3U);
}

TEST_F(JournalTest, AnEventForSeveralReachesEachOnceWithTheWholeAudience) {
  Journal journal(folder / "j.db", limits);
  const Cursor start = journal.head();
  JournalBatch batch = eventFor("ann", "x");
  batch.events[0].audience = {"ann", "ben", "ann"};
  appended(journal, std::move(batch));
  for (const auto* user : {"ann", "ben"}) {
    const auto events = journal.since(start, user, false, 10);
    ASSERT_EQ(events->size(), 1U);
    EXPECT_EQ(events->at(0).audience, (Texts{"ann", "ben", "ann"}));
  }
}

TEST_F(JournalTest, AReaderCatchesUpInPagesWithoutGapOrRepeat) {
  Journal journal(folder / "j.db", limits);
  Cursor cursor = journal.head();
  for (int i = 0; i < 95; ++i) journal.append(eventFor(i % 2 == 0 ? "ann" : "ben", std::to_string(i)), {});
  appended(journal, eventFor("ann", "95"));
  Texts seen;
  while (true) {
    const auto page = journal.since(cursor, "ann", false, 10);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    EXPECT_LE(page->size(), 10U);
    for (const auto& event : *page) seen.push_back(*event.data);
    cursor.sequence = page->back().sequence;
  }
  Texts expected;
  for (int i = 0; i < 95; i += 2) expected.push_back(std::to_string(i));
  expected.push_back("95");
  EXPECT_EQ(seen, expected);
}

TEST_F(JournalTest, ACursorSurvivesARestartAndNumberingGoesOn) {
  Cursor cursor;
  {
    Journal journal(folder / "j.db", limits);
    appended(journal, eventFor("ann", "before"));
    cursor = *Cursor::parse(journal.head().text());
    journal.append(eventFor("ann", "unseen"), {});
  }
  Journal journal(folder / "j.db", limits);
  EXPECT_EQ(journal.head().epoch, cursor.epoch);
  EXPECT_EQ(dataOf(journal.since(cursor, "ann", false, 10)), Texts{"unseen"});
  EXPECT_EQ(appended(journal, eventFor("ann", "after")).first[0].sequence, cursor.sequence + 2);
}

TEST_F(JournalTest, ACursorOfAnotherDatabaseOrTheFutureIsRefused) {
  Journal journal(folder / "j.db", limits);
  Journal other(folder / "other.db", limits);
  EXPECT_NE(journal.head().epoch, other.head().epoch);
  EXPECT_FALSE(journal.since(other.head(), "ann", false, 10));
  Cursor future = journal.head();
  future.sequence += 1;
  EXPECT_FALSE(journal.since(future, "ann", false, 10));
  future.sequence = ~std::uint64_t{0};
  EXPECT_FALSE(journal.since(future, "ann", false, 10));
}

TEST_F(JournalTest, OnlyWellFormedCursorsAreRead) {
  EXPECT_EQ(Cursor::parse("0af9:12")->sequence, 12U);
  for (const auto* text :
       {"", ":", "a:", ":1", "a", "a:b", "a:-1", "a:1x", "a:99999999999999999999999", "g:1", "a'b:1", "a:1:2", "A:1"})
    EXPECT_FALSE(Cursor::parse(text)) << text;
  EXPECT_FALSE(Cursor::parse(std::string(1'000'000, 'a') + ":1"));
}

TEST_F(JournalTest, OldEventsGoByAgeAndTheirCursorsAreRefused) {
  limits.events_ms = 3'600'000;
  Journal journal(folder / "j.db", limits);
  const Cursor start = journal.head();
  std::int64_t time = 0;
  for (int i = 0; i < 700; ++i) time = appended(journal, eventFor("ann", std::to_string(i))).first[0].time;
  const Cursor end = journal.head();
  journal.clean(time);
  EXPECT_EQ(journal.since(start, "ann", false, 1000)->size(), 700U);
  journal.clean(time + 3'600'001);
  EXPECT_FALSE(journal.since(start, "ann", false, 1000));
  EXPECT_EQ(dataOf(journal.since(end, "ann", false, 1000)), Texts{});
  appended(journal, eventFor("ann", "new"));
  EXPECT_EQ(dataOf(journal.since(end, "ann", false, 1000)), Texts{"new"});
}

TEST_F(JournalTest, OldEventsGoBySizeAndTheNewestStay) {
  limits.events_bytes = 100'000;
  Journal journal(folder / "j.db", limits);
  for (int i = 0; i < 500; ++i) journal.append(eventFor("ann", std::string(1000, 'x')), {});
  appended(journal, eventFor("ann", "end"));
  journal.clean(0);
  Cursor cursor = journal.head();
  cursor.sequence -= 90;
  EXPECT_EQ(journal.since(cursor, "ann", false, 1000)->size(), 90U);
  cursor.sequence -= 20;
  EXPECT_FALSE(journal.since(cursor, "ann", false, 1000));
}

TEST_F(JournalTest, NumberingGoesOnWhenAllEventsWereCleanedBeforeARestart) {
  limits.events_ms = 1;
  std::uint64_t last = 0;
  {
    Journal journal(folder / "j.db", limits);
    for (int i = 0; i < 10; ++i) last = appended(journal, eventFor("ann", "x")).first[0].sequence;
    journal.clean(std::numeric_limits<std::int64_t>::max() / 2);
  }
  Journal journal(folder / "j.db", limits);
  EXPECT_EQ(appended(journal, eventFor("ann", "x")).first[0].sequence, last + 1);
}

TEST_F(JournalTest, RecordsAreKeptPerServerAndFoundByPrefix) {
  Journal journal(folder / "j.db", limits);
  JournalBatch batch;
  batch.server = "pbx";
  batch.keep = {{"call/1", "{\"a\":1}"}, {"call/2", "{}"}, {"calm", "{}"}, {"x", "{}"}};
  appended(journal, std::move(batch));
  JournalBatch other;
  other.server = "other";
  other.keep = {{"call/9", "{}"}};
  appended(journal, std::move(other));
  JournalBatch change;
  change.server = "pbx";
  change.keep = {{"call/1", "{\"a\":2}"}, {"call/2", std::nullopt}, {"call/never", std::nullopt}};
  appended(journal, std::move(change));
  std::map<std::string, std::string> found;
  journal.records("pbx", "call/", [&](const std::string& key, const std::string& body) { found[key] = body; });
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"call/1", "{\"a\":2}"}}));
  found.clear();
  journal.records("pbx", "", [&](const std::string& key, const std::string& body) { found[key] = body; });
  EXPECT_EQ(found.size(), 3U);
  journal.forget("pbx");
  found.clear();
  journal.records("pbx", "", [&](const std::string& key, const std::string& body) { found[key] = body; });
  EXPECT_TRUE(found.empty());
}

TEST_F(JournalTest, LiveCallsAreReplacedRemovedAndThereAfterARestart) {
  {
    Journal journal(folder / "j.db", limits);
    JournalBatch batch;
    batch.live_calls = {{"pbx", "1", "{\"v\":1}"}, {"pbx", "2", "{}"}};
    appended(journal, std::move(batch));
    JournalBatch change;
    change.live_calls = {{"pbx", "1", "{\"v\":2}"}, {"pbx", "2", ""}};
    appended(journal, std::move(change));
  }
  Journal journal(folder / "j.db", limits);
  const auto calls = journal.liveCalls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].call, "1");
  EXPECT_EQ(calls[0].body, "{\"v\":2}");
}

TEST_F(JournalTest, TheContactLogGivesBackWhatWasLoggedNewestFirst) {
  Journal journal(folder / "j.db", limits);
  ContactLogEntry entry = logEntry("ann", "+4989\"';--");
  entry.direction = Direction::outgoing;
  entry.missed = true;
  entry.name = "M\xc3\xbcller";
  entry.person_id = "id-7";
  entry.started = 1;
  entry.answered = 2;
  entry.ended = 3;
  entry.cause = "normal";
  JournalBatch batch;
  batch.contact_log = {logEntry("ann", "1"), entry, logEntry("ben", "2")};
  const auto stored = appended(journal, std::move(batch)).second;
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_LT(stored[0].id, stored[1].id);
  const auto log = journal.contactLog("ann", {});
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].id, stored[1].id);
  EXPECT_EQ(log[0].number, entry.number);
  EXPECT_EQ(log[0].name, entry.name);
  EXPECT_EQ(log[0].person_id, "id-7");
  EXPECT_EQ(log[0].direction, Direction::outgoing);
  EXPECT_TRUE(log[0].missed);
  EXPECT_EQ(log[0].started + log[0].answered * 10 + log[0].ended * 100, 321);
  EXPECT_EQ(log[0].cause, "normal");
  EXPECT_EQ(log[0].user_id, "ann");
  EXPECT_TRUE(journal.contactLog("nobody", {}).empty());
}

TEST_F(JournalTest, TheContactLogIsFilteredAndPaged) {
  Journal journal(folder / "j.db", limits);
  JournalBatch batch;
  for (int i = 0; i < 60; ++i) {
    auto entry = logEntry("ann", std::to_string(i));
    entry.direction = i % 2 == 0 ? Direction::incoming : Direction::outgoing;
    entry.missed = i % 4 == 0;
    batch.contact_log.push_back(entry);
  }
  appended(journal, std::move(batch));
  EXPECT_EQ(journal.contactLog("ann", {Direction::outgoing, std::nullopt, 0, 200}).size(), 30U);
  EXPECT_EQ(journal.contactLog("ann", {Direction::incoming, true, 0, 200}).size(), 15U);
  EXPECT_EQ(journal.contactLog("ann", {std::nullopt, false, 0, 200}).size(), 45U);
  std::size_t seen = 0;
  std::uint64_t before = 0;
  for (auto page = journal.contactLog("ann", {{}, {}, before, 7}); !page.empty();
       page = journal.contactLog("ann", {{}, {}, before, 7})) {
    for (const auto& entry : page) EXPECT_EQ(entry.number, std::to_string(59 - seen++));
    before = page.back().id;
  }
  EXPECT_EQ(seen, 60U);
}

TEST_F(JournalTest, OnlyTheOwnerRemovesAnEntry) {
  Journal journal(folder / "j.db", limits);
  const auto id = appended(journal, logBatch("ann", "1")).second[0].id;
  appended(journal, logBatch("ben", "2"));
  EXPECT_FALSE(journal.removeFromContactLog("ben", id));
  EXPECT_FALSE(journal.removeFromContactLog("stranger", id));
  EXPECT_FALSE(journal.removeFromContactLog("ann", ~std::uint64_t{0}));
  EXPECT_TRUE(journal.removeFromContactLog("ann", id));
  EXPECT_FALSE(journal.removeFromContactLog("ann", id));
  EXPECT_TRUE(journal.contactLog("ann", {}).empty());
}

TEST_F(JournalTest, ANumberOfARemovedEntryIsNeverGivenAgain) {
  std::uint64_t id = 0;
  {
    Journal journal(folder / "j.db", limits);
    id = appended(journal, logBatch("ann", "1")).second[0].id;
    EXPECT_TRUE(journal.removeFromContactLog("ann", id));
  }
  Journal journal(folder / "j.db", limits);
  EXPECT_GT(appended(journal, logBatch("ann", "2")).second[0].id, id);
}

TEST_F(JournalTest, TheContactLogKeepsToItsLimitsByCountAndAge) {
  limits.log_entries = 5;
  limits.log_days = 2;
  constexpr std::int64_t day = 24LL * 3600 * 1000;
  Journal journal(folder / "j.db", limits);
  JournalBatch batch;
  for (int i = 0; i < 450; ++i) {
    auto entry = logEntry("ann", std::to_string(i));
    entry.started = 10 * day;
    batch.contact_log.push_back(entry);
  }
  for (int i = 0; i < 3; ++i) {
    auto entry = logEntry("ben", std::to_string(i));
    entry.started = i * day;
    batch.contact_log.push_back(entry);
  }
  appended(journal, std::move(batch));
  EXPECT_EQ(journal.contactLog("ann", {{}, {}, 0, 200}).size(), 5U) << "the limit by count holds at once";
  journal.clean(3 * day);
  const auto ann = journal.contactLog("ann", {{}, {}, 0, 200});
  ASSERT_EQ(ann.size(), 5U);
  EXPECT_EQ(ann.front().number, "449");
  EXPECT_EQ(ann.back().number, "445");
  const auto ben = journal.contactLog("ben", {{}, {}, 0, 200});
  ASSERT_EQ(ben.size(), 2U);
  EXPECT_EQ(ben.back().number, "1");
  // What was hidden is really gone: with a wider limit it does not come back.
  for (const auto& entry : ann) journal.removeFromContactLog("ann", entry.id);
  EXPECT_TRUE(journal.contactLog("ann", {{}, {}, 0, 200}).empty());
}

TEST_F(JournalTest, AnIdForALogEntryIsGivenOnceAlsoAfterARestart) {
  std::uint64_t first = 0;
  {
    Journal journal(folder / "j.db", limits);
    first = journal.newLogId();
    JournalBatch batch;
    batch.contact_log = {logEntry("ann", "1"), logEntry("ann", "2")};
    batch.contact_log[0].id = first;
    appended(journal, std::move(batch));
    const auto log = journal.contactLog("ann", {});
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[1].id, first);
    EXPECT_GT(log[0].id, first) << "one that came without an id gets the next";
    for (const auto& entry : log) journal.removeFromContactLog("ann", entry.id);
  }
  Journal again(folder / "j.db", limits);
  EXPECT_GT(again.newLogId(), first + 1);
}

TEST_F(JournalTest, AUserWithOldEntriesAloneEndsWithAnEmptyContactLog) {
  limits.log_days = 1;
  constexpr std::int64_t day = 24LL * 3600 * 1000;
  Journal journal(folder / "j.db", limits);
  JournalBatch batch;
  for (int i = 0; i < 3; ++i) batch.contact_log.push_back(logEntry("ann", std::to_string(i)));
  appended(journal, std::move(batch));
  journal.clean(1'000'000 + day);
  EXPECT_EQ(journal.contactLog("ann", {}).size(), 3U);
  journal.clean(1'000'001 + day);
  EXPECT_TRUE(journal.contactLog("ann", {}).empty());
}

TEST_F(JournalTest, HostileNamesOfUsersServersAndKeysAreJustText) {
  Journal journal(folder / "j.db", limits);
  const Cursor start = journal.head();
  const std::string hostile = "x'); DROP TABLE events; --\"\xff";
  JournalBatch batch = eventFor(hostile, std::string(1'000'000, 'd'));
  batch.server = hostile;
  batch.keep[hostile] = hostile;
  batch.contact_log.push_back(logEntry(hostile, hostile));
  appended(journal, std::move(batch));
  EXPECT_EQ(journal.since(start, hostile, false, 10)->at(0).data->size(), 1'000'000U);
  EXPECT_EQ(journal.contactLog(hostile, {}).at(0).number, hostile);
  int found = 0;
  journal.records(hostile, hostile, [&](const std::string&, const std::string&) { ++found; });
  EXPECT_EQ(found, 1);
}

TEST_F(JournalTest, BatchesOfManyThreadsKeepTheOrderOfEach) {
  Journal journal(folder / "j.db", limits);
  const Cursor start = journal.head();
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      const std::string user = "user" + std::to_string(t);
      for (int i = 0; i < 250; ++i) journal.append(eventFor(user, std::to_string(i)), {});
      appended(journal, eventFor(user, "250"));
    });
  for (auto& writer : writers) writer.join();
  for (int t = 0; t < 4; ++t) {
    const auto events = journal.since(start, "user" + std::to_string(t), false, 1000);
    ASSERT_EQ(events->size(), 251U);
    for (int i = 0; i <= 250; ++i) ASSERT_EQ(*events->at(static_cast<std::size_t>(i)).data, std::to_string(i));
  }
}

TEST_F(JournalTest, EveryCommittedCallbackComesInTheOrderOfItsSequence) {
  Journal journal(folder / "j.db", limits);
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 300; ++i)
    journal.append(eventFor("ann", "x"), [&](std::vector<StoredEvent> events, std::vector<ContactLogEntry>) {
      order.push_back(events.at(0).sequence);
    });
  appended(journal, eventFor("ann", "end"));
  ASSERT_EQ(order.size(), 300U);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i + 1);
}

}  // namespace
}  // namespace jackfield::store
