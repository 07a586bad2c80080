// SPDX-License-Identifier: Apache-2.0
// The plugin with a real Asterisk, itself a back-to-back user agent, and real phones. Skipped where no Asterisk can be
// had (tests/peers/asterisk/root says why).
#include <cstdio>
#include <thread>

#include "fixture.hpp"

namespace jackfield::tests {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path peer = std::filesystem::path(JACKFIELD_PEERS) / "asterisk";

class Asterisk : public CallServerSite {
 protected:
  ~Asterisk() override { run({peer / "stop", server()}, folder.path() / "stop.out"); }

  void SetUp() override {
    Process root({peer / "root"}, folder.path() / "root.out");
    const int status = root.wait(300s);
    if (status == 3) GTEST_SKIP() << root.output();
    ASSERT_EQ(status, 0) << root.output();
  }

  void startCallServer(const std::string&) override {
    Process start({peer / "start", server(), std::to_string(sip_port), "127.0.0.1:" + std::to_string(jackfield_port),
                   "site.test", "1001:a", "1002:b"},
                  folder.path() / "asterisk.out");
    ASSERT_EQ(start.wait(60s), 0) << start.output();
    const std::string version = console("core show version");
    std::printf("%s", version.c_str());
    RecordProperty("Asterisk", version);
  }

  // Alice and Bob registered, and Asterisk's OPTIONS to Jackfield answered.
  void openSite() {
    open({"1001", "1002"});
    ASSERT_TRUE(asterisksViewOfJackfield("Avail")) << console("pjsip show contacts");
  }
  bool asterisksViewOfJackfield(const std::string& state) {
    return waitFor(15s, [&] {
      const auto contacts = console("pjsip show contacts");
      const auto line = contacts.find("jackfield/sip:");
      return line != std::string::npos &&
             contacts.substr(line, contacts.find('\n', line) - line).find(" " + state + " ") != std::string::npos;
    });
  }
  std::string console(const std::string& command) {
    const auto log = folder.path() / "cli.out";
    std::filesystem::remove(log);  // what is run appends to it
    return run({server() / "cli", command}, log);
  }

 private:
  std::filesystem::path server() const { return folder.path() / "asterisk"; }
};

TEST_F(Asterisk, ACallOfBothPhasesIsOneCallWithTwoServedConnections) {
  openSite();
  talk();
  const auto all = events();
  for (const auto& event : all) EXPECT_EQ(event.call.id, all.front().call.id);
  ASSERT_EQ(call().connections.size(), 2U);
  for (const auto& connection : call().connections) {
    EXPECT_TRUE(connection.served) << connection.number;
    EXPECT_GT(connection.answered, 0) << connection.number;
    EXPECT_EQ(connection.device, uri(connection.number));
  }
  phone("1001").hangUp();
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
  EXPECT_TRUE(waitFor(5s, [&] { return records().empty(); }));
}

TEST_F(Asterisk, APhonesOwnKeyHoldsAndRetrieves) {
  openSite();
  talk();
  for (const auto& [who, other] : {std::pair("1001", "1002"), std::pair("1002", "1001")}) {
    phone(who).hold();
    EXPECT_TRUE(becomes(who, "held"));
    EXPECT_EQ(state(other), "connected");
    phone(who).resume();
    EXPECT_TRUE(becomes(who, "connected"));
  }
  phone("1002").hangUp();
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
}

TEST_F(Asterisk, HoldRetrieveAndDropFromJackfield) {
  openSite();
  talk();
  for (const auto* who : {"1001", "1002"}) {
    onParty("holdCall", who);
    EXPECT_TRUE(becomes(who, "held"));
    onParty("retrieveCall", who);
    EXPECT_TRUE(becomes(who, "connected"));
  }
  onParty("clearConnection", "1002");
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
}

TEST_F(Asterisk, ACallFromTheBrowserRingsTheOwnPhoneThenTheOther) {
  openSite();
  callFromTheBrowser();
}

TEST_F(Asterisk, MissedAndRefusedCallsSaySo) {
  openSite();
  missedAndRefused();
  EXPECT_FALSE(phone("1002").waitForEvent("CALL_INCOMING", 2s)) << "a refusal must not look like no answer";
}

TEST_F(Asterisk, WithoutJackfieldPhonesCallEachOther) {
  openSite();
  killJackfield();
  // At first the time within which it must ring, in one of the two phases; by then OPTIONS have failed.
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 12s));
  phone("1002").answer();
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_ESTABLISHED", 5s));
  phone("1001").hangUp();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 5s));
  // Known to be away: without any delay.
  ASSERT_TRUE(asterisksViewOfJackfield("Unavail")) << console("pjsip show contacts");
  phone("1001").dial(uri("1002"));
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_INCOMING", 3s));
  phone("1001").hangUp();
  ASSERT_TRUE(phone("1002").waitForEvent("CALL_CLOSED", 5s));
  // And it comes back into the path by itself.
  startJackfield();
  ASSERT_TRUE(asterisksViewOfJackfield("Avail")) << console("pjsip show contacts");
  talk();
}

TEST_F(Asterisk, EmergencyNumbersNeverPassJackfield) {
  openSite();
  phone("1001").dial(uri("112"));
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  talk();
  for (const auto& event : events()) {
    for (const auto& connection : event.call.connections) EXPECT_NE(connection.number, "112");
  }
}

TEST_F(Asterisk, AfterAKillAnAnsweredCallIsThereAgainConfirmedAndControllable) {
  openSite();
  talk();
  const auto id = call().id;
  ASSERT_TRUE(waitFor(5s, [&] { return !records().empty(); }));
  killJackfield();
  startJackfield();
  EXPECT_EQ(call().id, id);
  ASSERT_TRUE(waitFor(10s, [&] {
    const auto now = call();
    return !now.connections.empty() && now.connections[0].confirmed && now.connections[1].confirmed;
  }));
  onParty("holdCall", "1001");
  EXPECT_TRUE(becomes("1001", "held"));
  onParty("retrieveCall", "1001");
  EXPECT_TRUE(becomes("1001", "connected"));
  phone("1002").hangUp();
  EXPECT_TRUE(phone("1001").waitForEvent("CALL_CLOSED", 10s));
  EXPECT_TRUE(ended());
}

TEST_F(Asterisk, ACallThatEndedDuringAKillIsNoPhantom) {
  openSite();
  talk();
  ASSERT_TRUE(waitFor(5s, [&] { return !records().empty(); }));
  killJackfield();
  phone("1001").hangUp();
  phone("1002").hangUp();
  // Asterisk's BYEs to Jackfield run out (RFC 3261, timer F).
  std::this_thread::sleep_for(35s);
  startJackfield();
  EXPECT_TRUE(waitFor(40s, [&] { return call().ended > 0 && records().empty(); }));
}

}  // namespace
}  // namespace jackfield::tests
