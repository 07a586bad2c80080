// SPDX-License-Identifier: Apache-2.0
// The event stream: exactly once, in order, without a gap, whatever the reader and the writers do meanwhile.
#include "services/events.hpp"

#include "kernel/base/metrics.hpp"
#include "services/counters.hpp"
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

class EventsTest : public testing::Test {
 protected:
  ~EventsTest() override { journal_.reset(); }

  void append(const std::string& data, std::vector<std::string> audience = {"alice"}) {
    store::JournalBatch batch;
    batch.events.push_back({"call", data, std::move(audience)});
    journal_->append(std::move(batch), [this](auto stored, auto) { events_.publish(stored); });
  }
  void numbers(int from, int to) {
    for (int i = from; i < to; ++i) append(std::to_string(i));
  }
  static std::vector<int> read(const Reader& reader) {
    std::vector<int> out;
    for (const auto& frame : reader.frames())
      if (frame.at("type") == "call") out.push_back(static_cast<int>(frame.at("data").get_int64()));
    return out;
  }
  static std::vector<int> range(int from, int to) {
    std::vector<int> out;
    for (int i = from; i < to; ++i) out.push_back(i);
    return out;
  }
  bool committed(std::uint64_t sequence) {
    return waitFor([&] { return journal_->head().sequence >= sequence; });
  }

  TemporaryFolder folder_{"services"};
  kernel::Metrics metrics_;
  Counters counters_{metrics_};
  std::unique_ptr<store::Journal> journal_ =
      std::make_unique<store::Journal>(folder_.path() / "journal.db", store::JournalLimits{});
  Events events_{*journal_, counters_};
  Principal alice_{"alice", "alice", "Alice", {Role::user}, "s1", "x"};
  Principal bob_{"bob", "bob", "Bob", {Role::user}, "s2", "x"};
  Principal root_{"", "root", "Root", {Role::administrator}, "s3", "x"};
};

TEST_F(EventsTest, ReaderWhoWasAwayGetsWhatItMissedAndThenWhatHappens) {
  numbers(0, 600);
  ASSERT_TRUE(committed(600));
  auto reader = std::make_shared<Reader>();
  const auto first = store::Cursor{journal_->head().epoch, 100}.text();
  const auto held = events_.subscribe(alice_, first, reader);
  numbers(600, 650);
  ASSERT_TRUE(waitFor([&] { return reader->has(550); }));
  EXPECT_EQ(read(*reader), range(100, 650));
  EXPECT_EQ(reader->frames()[0].at("type"), "hello");
  EXPECT_EQ(reader->frames()[0].at("cursor"), boost::json::value(first));
  EXPECT_EQ(reader->lastCursor(), journal_->head().text());
}

TEST_F(EventsTest, ReadersWhoComeWhileEventsPourInMissNothingAndGetNothingTwice) {
  constexpr int all = 3000;
  std::vector<std::shared_ptr<Reader>> readers;
  std::vector<Events::Subscription> held;
  std::mutex mutex;
  const auto zero = store::Cursor{journal_->head().epoch, 0}.text();
  std::thread writer([&] { numbers(0, all); });
  std::vector<std::thread> joining;
  for (int t = 0; t < 4; ++t)
    joining.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        auto reader = std::make_shared<Reader>();
        auto subscription = events_.subscribe(alice_, zero, reader);
        const std::lock_guard lock(mutex);
        readers.push_back(reader);
        held.push_back(std::move(subscription));
      }
    });
  for (auto& thread : joining) thread.join();
  writer.join();
  for (const auto& reader : readers) {
    ASSERT_TRUE(waitFor([&] { return reader->has(all); }));
    EXPECT_EQ(read(*reader), range(0, all));
  }
}

TEST_F(EventsTest, OnlyTheAudienceGetsAnEventAndAllOfItSharesTheBytes) {
  auto one = std::make_shared<Reader>();
  auto two = std::make_shared<Reader>();
  auto other = std::make_shared<Reader>();
  auto root = std::make_shared<Reader>();
  const auto a = events_.subscribe(alice_, "", one);
  const auto b = events_.subscribe(alice_, "", two);
  const auto c = events_.subscribe(bob_, "", other);
  const auto d = events_.subscribe(root_, "", root);
  append("1");
  append("2", {});
  append("3", {"bob"});
  ASSERT_TRUE(waitFor([&] { return one->has(1) && two->has(1) && other->has(1) && root->has(1); }));
  EXPECT_EQ(read(*one), std::vector<int>{1});
  EXPECT_EQ(read(*two), std::vector<int>{1});
  EXPECT_EQ(read(*other), std::vector<int>{3});
  EXPECT_EQ(read(*root), std::vector<int>{2});
}

TEST_F(EventsTest, ReaderOverItsLimitIsCutAndTheOthersGetEverything) {
  auto slow = std::make_shared<Reader>();
  slow->limit(5);
  auto good = std::make_shared<Reader>();
  const auto a = events_.subscribe(alice_, "", slow);
  const auto b = events_.subscribe(alice_, "", good);
  numbers(0, 100);
  ASSERT_TRUE(waitFor([&] { return good->has(100); }));
  EXPECT_EQ(slow->closedFor(), "slow");
  EXPECT_EQ(slow->frames().size(), 5U);
  auto again = std::make_shared<Reader>();
  const auto c = events_.subscribe(alice_, slow->lastCursor(), again);
  EXPECT_EQ(read(*again), range(4, 100)) << "it goes on where it was cut";
}

TEST_F(EventsTest, CatchUpWaitsForAReaderThatDoesNotAcceptAndGoesOnLater) {
  numbers(0, 500);
  ASSERT_TRUE(committed(500));
  auto reader = std::make_shared<Reader>();
  reader->accepting(false);
  const auto held = events_.subscribe(alice_, store::Cursor{journal_->head().epoch, 0}.text(), reader);
  EXPECT_EQ(reader->frames().size(), 1U);
  numbers(500, 510);
  ASSERT_TRUE(committed(510));
  reader->accepting(true);
  events_.resume(held);
  numbers(510, 520);
  ASSERT_TRUE(waitFor([&] { return reader->has(520); }));
  EXPECT_EQ(read(*reader), range(0, 520));
}

TEST_F(EventsTest, CursorOfAnotherLogFromTheFutureOrMalformedIsGone) {
  numbers(0, 3);
  ASSERT_TRUE(committed(3));
  const auto epoch = journal_->head().epoch;
  for (const std::string& cursor :
       {std::string("feedfeed:1"), epoch + ":4", epoch, epoch + ":-1", std::string(":"), std::string(2000, 'a')}) {
    EXPECT_EQ(codeOf([&] { events_.check(alice_, cursor); }), "events.cursor.gone") << cursor.substr(0, 40);
    EXPECT_EQ(codeOf([&] { events_.subscribe(alice_, cursor, std::make_shared<Reader>()); }), "events.cursor.gone");
  }
  EXPECT_EQ(events_.readers(), 0U);
}

TEST_F(EventsTest, StreamEndsWithItsSessionAndAtShutdown) {
  auto one = std::make_shared<Reader>();
  auto two = std::make_shared<Reader>();
  auto held = events_.subscribe(alice_, "", one);
  const auto other = events_.subscribe(bob_, "", two);
  events_.endSession("s1");
  EXPECT_EQ(one->closedFor(), "session");
  EXPECT_EQ(two->closedFor(), "");
  held.reset();
  EXPECT_EQ(events_.readers(), 1U);
  append("1");
  events_.closeAll("shutdown");
  EXPECT_EQ(two->closedFor(), "shutdown");
  EXPECT_EQ(codeOf([&] { events_.subscribe(alice_, "", std::make_shared<Reader>()); }), "system.stopping");
}

}  // namespace
}  // namespace jackfield::services::tests
