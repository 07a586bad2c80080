// SPDX-License-Identifier: Apache-2.0
// kill -9 at random moments: nothing that was acknowledged is missing, order holds, no batch is there by half.
#include <random>
#include <sstream>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/journal.hpp"
#include "support.hpp"

namespace jackfield::store {
namespace {

// Starts the child, lets it write for `time` after its first acknowledgement, kills it; gives what it had said.
std::string writtenUntilKilled(const std::filesystem::path& file, long next, std::chrono::milliseconds time) {
  int out[2];
  if (::pipe(out) != 0) return {};
  const std::string number = std::to_string(next);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::close(out[0]);
    ::execl(JACKFIELD_KILL_CHILD, JACKFIELD_KILL_CHILD, file.c_str(), number.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  std::string said;
  std::chrono::steady_clock::time_point end{};
  char buffer[4096];
  while (said.empty() || std::chrono::steady_clock::now() < end) {
    const auto got = ::read(out[0], buffer, sizeof buffer);
    if (got <= 0) break;
    if (said.empty()) end = std::chrono::steady_clock::now() + time;
    said.append(buffer, static_cast<std::size_t>(got));
  }
  ::kill(child, SIGKILL);
  for (ssize_t got; (got = ::read(out[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(got));
  ::close(out[0]);
  ::waitpid(child, nullptr, 0);
  return said;
}

TEST(JournalKill, NothingAcknowledgedIsMissingAfterTwentyFiveKills) {
  tests::TemporaryFolder folder{"store"};
  const auto file = folder / "j.db";
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> moment(0, 60);
  const Cursor start = Journal(file, {}).head();
  long expected_next = 1;
  for (int round = 0; round < 25; ++round) {
    const auto said = writtenUntilKilled(file, expected_next, std::chrono::milliseconds(moment(random)));
    std::istringstream lines(said.substr(0, said.rfind('\n') + 1));
    long acknowledged = expected_next - 1;
    for (long n; lines >> n;) {
      ASSERT_EQ(n, acknowledged + 1) << "acknowledged out of order in round " << round;
      acknowledged = n;
    }
    ASSERT_GE(acknowledged, expected_next) << "the child wrote nothing in round " << round;

    Journal journal(file, {});
    const auto events = journal.since(start, "ann", false, 10'000'000);
    ASSERT_TRUE(events);
    const long stored = static_cast<long>(events->size());
    ASSERT_GE(stored, acknowledged) << "acknowledged events are missing in round " << round;
    for (long n = 1; n <= stored; ++n) {
      const auto& event = events->at(static_cast<std::size_t>(n - 1));
      ASSERT_EQ(*event.data, std::to_string(n));
      ASSERT_EQ(event.sequence, static_cast<std::uint64_t>(n));
    }
    std::string record;
    journal.records("pbx", "n", [&](const std::string&, const std::string& body) { record = body; });
    EXPECT_EQ(record, std::to_string(stored)) << "record and event are not of the same batch";
    ASSERT_EQ(journal.liveCalls().size(), 1U);
    EXPECT_EQ(journal.liveCalls()[0].body, std::to_string(stored));
    const auto log = journal.contactLog("ann", {});
    if (stored >= 10) {
      ASSERT_FALSE(log.empty());
      EXPECT_EQ(log.front().number, std::to_string(stored / 10 * 10));
    }
    expected_next = stored + 1;
  }
  RecordProperty("events", static_cast<int>(expected_next - 1));
}

}  // namespace
}  // namespace jackfield::store
