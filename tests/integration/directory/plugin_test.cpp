// SPDX-License-Identifier: Apache-2.0
// The built library itself, loaded as the host loads it, in the SDK's in-memory host.
#include <fstream>

#include <dlfcn.h>

#include <jackfield/json.hpp>
#include <jackfield/server.hpp>
#include <jackfield/testing/fake_host.hpp>

#include "peer.hpp"

namespace jackfield::tests {

using jackfield::testing::FakeClock;
using jackfield::testing::FakeHost;
using jackfield::testing::FakeLoop;
using server::LinkState;

namespace {

const jf_plugin_entry& entry() {
  static void* const library = dlopen(JACKFIELD_DIRECTORY_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  return *static_cast<const jf_plugin_entry*>(dlsym(library, "jf_plugin_entry_1"));
}

class Plugin {
 public:
  explicit Plugin(const directory::Settings& settings) : host(entry(), "directory", FakeLoop::lent, FakeClock::manual) {
    host.configure(toJson(settings).as_object());
  }
  std::vector<server::State> states() const { return host.eventsAs<server::State>("server/1.state"); }
  bool waitForState(LinkState wanted) {
    return host.runUntil([&] { return !states().empty() && states().back().state == wanted; });
  }
  FakeHost host;
};

const Slapd& company() {
  static const Slapd slapd;
  return slapd;
}

}  // namespace

TEST(DirectoryPlugin, AuthenticatesByMessage) {
  Plugin plugin(company().settings());
  plugin.host.start();
  const auto answer = plugin.host.call<directory::Authenticated>("directory/1.authenticate",
                                                                 directory::Authenticate{"alice", "demo-alice"});
  EXPECT_EQ(answer.person.login, "alice");
  const auto refused = plugin.host.call("directory/1.authenticate", toJson(directory::Authenticate{"alice", "wrong"}));
  EXPECT_EQ(refused.status, Status::auth);
  EXPECT_EQ(refused.error().code(), "directory.credentials");
}

TEST(DirectoryPlugin, TestsUnsavedSettingsWithoutBeingStarted) {
  Plugin plugin(company().settings());
  const auto result = plugin.host.call<server::TestResult>("server/1.test", boost::json::object());
  EXPECT_GE(result.findings.size(), 8u);
  for (const auto& finding : result.findings) EXPECT_NE(finding.severity, server::Severity::error) << finding.text;
}

TEST(DirectoryPlugin, SendsNoPartWithoutCreditAndGoesOnWhenThereIsSome) {
  const TemporaryFolder folder("generated");
  const auto file = folder.path() / "generated.ldif";
  std::ofstream(file) << run({std::string(JACKFIELD_PEERS) + "/slapd/generate", "2500", "10"}, folder.path() / "log");
  const Slapd slapd(file.string());
  Plugin plugin(slapd.settings());
  plugin.host.start();
  const auto id = plugin.host.deliver("directory/1.sync", toJson(directory::Sync{}), 2);
  ASSERT_TRUE(plugin.host.runUntil([&] { return plugin.host.replies(id).size() == 2; }));
  EXPECT_FALSE(
      plugin.host.runUntil([&] { return plugin.host.replies(id).size() > 2; }, std::chrono::milliseconds(300)));
  std::size_t given = 2;
  const bool ended = plugin.host.runUntil([&] {
    const auto replies = plugin.host.replies(id);
    if (!replies.back().more) return true;
    if (replies.size() == given) {
      ++given;
      plugin.host.credit(id, 1);
    }
    return false;
  });
  ASSERT_TRUE(ended);
  std::size_t entries = 0;
  for (const auto& reply : plugin.host.replies(id)) {
    ASSERT_TRUE(reply.ok()) << reply.error().what();
    const auto part = fromJson<directory::SyncPart>(reply.body);
    entries += part.entries.size();
    EXPECT_LE(part.entries.size(), 500u);
    EXPECT_EQ(part.cursor.empty(), reply.more);
  }
  EXPECT_EQ(entries, 2500u);
}

TEST(DirectoryPlugin, RunsOneSynchronisationAtATimeAndEndsItWhenTheAskerGivesUp) {
  const TemporaryFolder folder("generated");
  const auto file = folder.path() / "generated.ldif";
  std::ofstream(file) << run({std::string(JACKFIELD_PEERS) + "/slapd/generate", "2500", "10"}, folder.path() / "log");
  const Slapd slapd(file.string());
  Plugin plugin(slapd.settings());
  plugin.host.start();
  const auto id = plugin.host.deliver("directory/1.sync", toJson(directory::Sync{}), 1);
  ASSERT_TRUE(plugin.host.runUntil([&] { return plugin.host.replies(id).size() == 1; }));
  EXPECT_EQ(plugin.host.call("directory/1.sync", toJson(directory::Sync{})).error().code(), "directory.sync.busy");
  plugin.host.cancel(id);
  Reply again;
  ASSERT_TRUE(plugin.host.runUntil([&] {
    again = plugin.host.call("directory/1.sync", toJson(directory::Sync{}));
    return again.ok();
  })) << again.error().what();
}

TEST(DirectoryPlugin, StopsQuicklyInTheMiddleOfASynchronisation) {
  const TemporaryFolder folder("generated");
  const auto file = folder.path() / "generated.ldif";
  std::ofstream(file) << run({std::string(JACKFIELD_PEERS) + "/slapd/generate", "2500", "10"}, folder.path() / "log");
  const Slapd slapd(file.string());
  Plugin plugin(slapd.settings());
  plugin.host.start();
  const auto id = plugin.host.deliver("directory/1.sync", toJson(directory::Sync{}), 1);
  ASSERT_TRUE(plugin.host.runUntil([&] { return plugin.host.replies(id).size() == 1; }));
  const auto started = std::chrono::steady_clock::now();
  plugin.host.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
}

TEST(DirectoryPlugin, TellsTheStateOfTheLinkAndItsReturn) {
  Slapd slapd;
  auto settings = slapd.settings();
  settings.check_seconds = 10;
  Plugin plugin(settings);
  plugin.host.start();
  ASSERT_TRUE(plugin.waitForState(LinkState::connected));
  EXPECT_EQ(plugin.states().front().state, LinkState::connecting);
  slapd.stop();
  plugin.host.advance(std::chrono::seconds(10));
  ASSERT_TRUE(plugin.waitForState(LinkState::disconnected));
  EXPECT_NE(plugin.states().back().reason.find("does not answer"), std::string::npos);
  EXPECT_TRUE(plugin.host.logged("directory.unreachable"));
  slapd.start();
  plugin.host.advance(std::chrono::seconds(10));
  EXPECT_TRUE(plugin.waitForState(LinkState::connected));
  EXPECT_TRUE(plugin.states().back().reason.empty());
}

TEST(DirectoryPlugin, RefusesAWrongFilterAndSaysWhere) {
  auto settings = company().settings();
  settings.contact_filter = "(&(sn=A*)(cn=x)";
  const Error error = errorOf([&] { Plugin plugin(settings); });
  EXPECT_EQ(error.code(), "directory.filter.syntax");
  EXPECT_EQ(error.field(), "/contactFilter");
  EXPECT_NE(std::string(error.what()).find("character 16"), std::string::npos) << error.what();
}

}  // namespace jackfield::tests
