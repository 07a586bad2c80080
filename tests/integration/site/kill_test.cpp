// SPDX-License-Identifier: Apache-2.0
// kill -9 of the host at 50 random moments, while calls, changes of an administrator and synchronisations go on.
// After each: the store is whole, nothing that the API has confirmed is lost, and a client that comes back with its
// cursor gets what it missed, once and in order.
#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <Poco/Exception.h>
#include <gtest/gtest.h>

#include "load.hpp"
#include "site.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr int kills = 50;

// Changes Bob's extension as fast as the limit of requests allows, and knows which change was confirmed last.
class Writer {
 public:
  Writer(const ApiClient& administrator, const std::string& person, int from) : tried_(from) {
    thread_ = std::thread([this, &administrator, path = "/admin/users/" + person] {
      while (!ended_) {
        try {
          if (administrator.patch(path, {{"extension", std::to_string(++tried_)}}).status == 200) confirmed_ = tried_;
        } catch (const Poco::Exception&) {
          break;  // the host is gone: whether the last change was made nobody knows
        }
        std::this_thread::sleep_for(30ms);
      }
    });
  }
  ~Writer() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void join() { thread_.join(); }
  int confirmed() const { return confirmed_; }  // 0: none
  int tried() const { return tried_; }

 private:
  int confirmed_ = 0, tried_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

class Kill : public testing::Test {
 protected:
  Site site;
  std::mt19937 random{std::random_device{}()};

  void wait(int most_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<>(0, most_ms)(random)));
  }

  // What was left on disk, looked at in a copy: looking mends it.
  void storeIsWhole() {
    const fs::path copy = site.folder() / "copy";
    fs::remove_all(copy);
    fs::copy(site.folder() / "data", copy, fs::copy_options::recursive);
    int databases = 0;
    for (const auto& entry : fs::directory_iterator(copy)) {
      if (entry.path().extension() != ".db") continue;
      ++databases;
      const fs::path out = copy / "check.out";
      fs::remove(out);
      EXPECT_EQ(run({"sqlite3", entry.path(), "PRAGMA integrity_check; PRAGMA foreign_key_check;"}, out), "ok\n")
          << entry.path();
    }
    EXPECT_GE(databases, 2);
  }

  static std::string identity(const json::object& frame) { return json::serialize(frame); }

  static std::set<std::string> loggedCalls(const ApiClient& who) {
    std::set<std::string> calls;
    for (std::string page = "?limit=200"; !page.empty();) {
      const auto body = who.get("/contact-log" + page).body;
      for (const auto& entry : body.at("entries").as_array())
        EXPECT_TRUE(calls.insert(std::string(entry.at("call").as_string())).second) << "one row a participant";
      const auto next = body.at("next").to_number<std::int64_t>();
      page = next == 0 ? "" : "?limit=200&before=" + std::to_string(next);
    }
    return calls;
  }
};

TEST_F(Kill, FiftyKillsUnderLoadLoseNothingThatWasConfirmed) {
  const ApiClient alice = site.person("alice"), morgan = site.administrator();
  const auto bob = morgan.get("/admin/users?search=bob").body.at("entries").at(0).at("person").at("id").as_string();
  const auto bob_path = "/admin/users/" + std::string(bob);
  const auto people = morgan.get("/admin/users").body.at("total");
  int tried = 50000, confirmed = 0;
  std::vector<std::string> seen;
  std::string first, cursor;
  std::size_t calls = 0;
  auto load = std::make_unique<CallLoad>(site, 20, 300ms);

  for (int round = 0; round < kills; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    EventStream stream(alice, cursor);
    ASSERT_TRUE(waitFor(10s, [&] { return !stream.cursor().empty(); }));
    if (first.empty()) first = stream.cursor();
    Writer writer(morgan, std::string(bob), tried);
    morgan.post("/admin/directory-sync", {{"mode", "full"}});
    wait(800);
    site.host().kill();
    writer.join();
    ASSERT_TRUE(waitFor(10s, [&] { return !stream.open(); }));
    std::set<std::string> just_logged;
    for (const auto& frame : stream.frames()) {
      seen.push_back(identity(frame));
      if (frame.at("type") == "contactLog") just_logged.insert(std::string(frame.at("data").at("call").as_string()));
    }
    cursor = stream.cursor();
    ASSERT_NO_FATAL_FAILURE(storeIsWhole());
    if (round % 5 == 4) {  // again, before it has found itself
      site.host().launch();
      wait(300);
      site.host().kill();
    }
    site.host().start();

    const auto now = std::stoi(std::string(morgan.get(bob_path).body.at("extension").as_string()));
    tried = writer.tried();
    confirmed = std::max(confirmed, writer.confirmed());
    ASSERT_GE(now, confirmed) << "a confirmed change is lost";
    ASSERT_LE(now, tried);
    ASSERT_EQ(morgan.get("/admin/users").body.at("total"), people);
    const auto logged = loggedCalls(alice);
    for (const auto& call : just_logged) ASSERT_TRUE(logged.contains(call)) << call << " is not in the log any more";
    calls += just_logged.size();
  }
  EXPECT_GT(calls, 50U) << "there was load";
  EXPECT_GT(confirmed, 50000 + kills) << "and changes";
  RecordProperty("events", static_cast<int>(seen.size()));
  RecordProperty("calls", static_cast<int>(calls));

  // The same again in one go: neither more nor less, in the same order.
  EventStream again(alice, first);
  ASSERT_TRUE(waitFor(30s, [&] { return again.frames().size() >= seen.size(); }));
  const auto frames = again.frames();
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(identity(frames[i]), seen[i]) << "event " << i;

  load.reset();
  EXPECT_TRUE(site.waitForServer(morgan, "pbx", "connected", 20s));
  site.host().stop();
}

}  // namespace
}  // namespace jackfield::tests
