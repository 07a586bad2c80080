// SPDX-License-Identifier: Apache-2.0
// Logging: sentences from the catalogue, levels while running, redaction, and the flood limit.
#include "kernel/base/log.hpp"

#include <mutex>
#include <thread>

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/error.hpp>

#include "kernel/base/configuration.hpp"
#include "kernel/base/log_channels.hpp"
#include "kernel/base/rate_limit.hpp"
#include "scratch_folder.hpp"

namespace jackfield::kernel {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Logged {
  std::string text;
  std::string source;
  Poco::Message::Priority priority;
  Details details;
};

class Kept : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override {
    const std::lock_guard lock(mutex);
    messages.push_back({message.getText(), message.getSource(), message.getPriority(), detailsOf(message)});
  }
  std::mutex mutex;
  std::vector<Logged> messages;
};

std::string field(const Logged& message, const std::string& name) {
  for (const auto& [key, value] : message.details.fields)
    if (key == name) return value;
  return "absent";
}

class Logging : public testing::Test {
 protected:
  void SetUp() override {
    logging::start(kept_, 5);
    logging::setLevel("", "information");
  }
  void TearDown() override { logging::stop(); }

  Poco::AutoPtr<Kept> kept_{new Kept};
};

TEST_F(Logging, WritesTheCataloguesSentenceWithCodeAndFields) {
  Log("kernel").warning("log.heldBack", {{"count", "7"}, {"held", "x.y"}});
  ASSERT_EQ(kept_->messages.size(), 1U);
  const auto& message = kept_->messages[0];
  EXPECT_EQ(message.text, "7 more messages x.y in the last second are not shown");
  EXPECT_EQ(message.source, "kernel");
  EXPECT_EQ(message.priority, Poco::Message::PRIO_WARNING);
  EXPECT_EQ(message.details.code, "log.heldBack");
  EXPECT_EQ(field(message, "count"), "7");
}

TEST_F(Logging, ShowsAnUnknownCodeWithItsArguments) {
  Log("kernel").error("plugin.own.code", {{"peer", "pbx"}});
  ASSERT_EQ(kept_->messages.size(), 1U);
  EXPECT_EQ(kept_->messages[0].text, "plugin.own.code peer=pbx");
}

TEST_F(Logging, ChangesTheLevelOfOneComponentAndItsChildrenWhileRunning) {
  const Log plugin("plugins.hq");
  const Log other("gateway");
  plugin.debug("a");
  EXPECT_TRUE(kept_->messages.empty());
  logging::setLevel("plugins", "debug");
  EXPECT_TRUE(plugin.enabled(LogLevel::debug));
  EXPECT_TRUE(Log("plugins.later").enabled(LogLevel::debug));
  EXPECT_FALSE(other.enabled(LogLevel::debug));
  plugin.debug("a");
  other.debug("b");
  ASSERT_EQ(kept_->messages.size(), 1U);
  EXPECT_EQ(kept_->messages[0].source, "plugins.hq");
  EXPECT_EQ(logging::levels()["plugins.hq"], "debug");
  EXPECT_EQ(logging::levels()["gateway"], "information");
}

TEST_F(Logging, RefusesALevelThatDoesNotExist) {
  try {
    logging::setLevel("gateway", "loud");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "log.level.unknown");
    EXPECT_EQ(error.value(), "loud");
  }
}

TEST_F(Logging, NeverShowsFieldsWithTellingNames) {
  Log("x").error("some.code", {{"bindPassword", "hunter22"}, {"Set-Cookie", "s=1234"}, {"peer", "pbx"}});
  const auto& message = kept_->messages.at(0);
  EXPECT_EQ(field(message, "bindPassword"), "***");
  EXPECT_EQ(field(message, "Set-Cookie"), "***");
  EXPECT_EQ(field(message, "peer"), "pbx");
  EXPECT_THAT(message.text, Not(HasSubstr("hunter22")));
}

TEST_F(Logging, TakesRegisteredSecretsOutOfTextsAndFieldsUntilTheyAreRemoved) {
  logging::addSecret("s3cr3t-value");
  logging::addSecret("s3cr3t");
  Log("x").error("said s3cr3t-value!", {{"reason", "bind as cn=x with s3cr3t-value failed"}});
  logging::removeSecret("s3cr3t-value");
  logging::removeSecret("s3cr3t");
  const auto& message = kept_->messages.at(0);
  EXPECT_EQ(field(message, "reason"), "bind as cn=x with *** failed");
  EXPECT_THAT(message.text, Not(HasSubstr("value")));
  EXPECT_EQ(logging::redacted("s3cr3t-value"), "s3cr3t-value");
}

TEST_F(Logging, TakesSecretsOutOfTextsThatNameThem) {
  EXPECT_EQ(logging::redacted("GET /x Authorization: Bearer abc.def"), "GET /x Authorization: Bearer ***");
  EXPECT_EQ(logging::redacted(R"({"password":"p w","user":"u"})"), R"({"password":***,"user":"u"})");
  EXPECT_EQ(logging::redacted("uri?token=abc&x=1"), "uri?token=***&x=1");
  EXPECT_EQ(logging::redacted("the call ended"), "the call ended");
}

TEST_F(Logging, KeepsASecretSharedByTwoServersUntilBothAreGone) {
  logging::addSecret("shared-one");
  logging::addSecret("shared-one");
  logging::removeSecret("shared-one");
  EXPECT_EQ(logging::redacted("shared-one"), "***");
  logging::removeSecret("shared-one");
  EXPECT_EQ(logging::redacted("shared-one"), "shared-one");
}

TEST_F(Logging, CutsHugeValues) {
  Log("x").error("some.code", {{"value", std::string(1000000, 'v')}});
  EXPECT_LT(field(kept_->messages.at(0), "value").size(), 3000U);
  EXPECT_LT(kept_->messages.at(0).text.size(), 3000U);
}

TEST_F(Logging, HoldsAFloodOfOneCodeBackAndLetsOthersThrough) {
  const Log log("plugins.flood");
  for (int i = 0; i < 1000; ++i) log.error("same.code");
  log.error("other.code");
  std::size_t same = 0;
  for (const auto& message : kept_->messages) same += message.details.code == "same.code" ? 1 : 0;
  // Two windows at most, should the second turn while the loop runs; 1,000 without the limit.
  EXPECT_LE(same, 10U);
  EXPECT_EQ(kept_->messages.back().details.code, "other.code");
}

TEST(RateLimit, TellsOnceHowManyWereHeldBack) {
  RateLimit limit(2);
  const auto start = RateLimit::Clock::time_point{} + std::chrono::hours(1);
  EXPECT_TRUE(limit.admit("k", start).pass);
  EXPECT_TRUE(limit.admit("k", start).pass);
  EXPECT_FALSE(limit.admit("k", start).pass);
  EXPECT_FALSE(limit.admit("k", start).pass);
  EXPECT_TRUE(limit.admit("other", start).pass);
  const auto next = limit.admit("k", start + std::chrono::seconds(1));
  EXPECT_TRUE(next.pass);
  EXPECT_EQ(next.held_back, 2U);
  EXPECT_EQ(limit.admit("k", start + std::chrono::seconds(1)).held_back, 0U);
}

TEST(LoggingTarget, WritesToTheFileOfTheConfiguration) {
  const ScratchFolder folder;
  const auto file = folder.write("jackfield.conf", "log.target = file\nlog.file = host.log\nlog.level = warning\n");
  logging::start(Configuration::load(file, {}));
  Log("file.target").info("not.this");
  Log("file.target").warning("but.this");
  logging::stop();
  const std::string written = folder.read("host.log");
  EXPECT_THAT(written, HasSubstr("but.this"));
  EXPECT_THAT(written, Not(HasSubstr("not.this")));
}

}  // namespace
}  // namespace jackfield::kernel
