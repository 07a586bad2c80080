// SPDX-License-Identifier: Apache-2.0
// Plugins built outside the tree against the installed SDK: install, configure, build, load, call, in both modes.
#include "outside.hpp"

namespace jackfield::kernel::testing {
namespace {

TEST_F(PluginOutsideTheTree, BuildsAgainstTheInstalledSdkAndWorks) {
  cmake(OUTSIDE_SOURCE);
  expectOneSymbol("hello");
  for (const Hosting hosting : {Hosting::inHost, Hosting::ownProcess}) {
    Zoo zoo(hosting, {}, plugins());
    zoo.start("hello", {{"greeting", "good day"}});
    ASSERT_TRUE(zoo.recorder.waitState("hello", LifeState::running)) << zoo.manager.plugins().at(0).error;
    const Reply reply = zoo.manager.call("hello", "zoo/1.hello", R"({"name":"Ann"})", Channel::client, 20s);
    EXPECT_EQ(reply.body, R"({"name":"good day, Ann"})");
    EXPECT_TRUE(zoo.recorder.waitLog("hello.started"));
  }
}

// Plugins on the bare C ABI, in whatever language.
class PluginOnTheCAbi : public PluginOutsideTheTree {
 protected:
  // What an example that echoes must do, seen from the host.
  void expectEchoes(const std::string& id) {
    expectOneSymbol(id);
    for (const Hosting hosting : {Hosting::inHost, Hosting::ownProcess}) {
      PluginOptions options;
      options.capabilities.emplace_back("example/1");
      Zoo zoo(hosting, options, plugins());
      zoo.start(id);
      ASSERT_TRUE(zoo.recorder.waitState(id, LifeState::running)) << zoo.manager.plugins().at(0).error;
      EXPECT_TRUE(zoo.recorder.waitEvent("server/1.state"));
      EXPECT_TRUE(zoo.recorder.waitLog(id + ".started"));
      const auto ask = [&](const char* name) { return zoo.manager.call(id, name, R"({"a":1})", Channel::client, 20s); };
      EXPECT_EQ(ask("example/1.echo").body, R"({"a":1})");
      EXPECT_EQ(ask("example/1.shout").status, Status::unsupported);
      const auto result = zoo.manager.test({"unsaved", id, {}, std::nullopt}, 20s);
      ASSERT_EQ(result.findings.size(), 1u);
      EXPECT_EQ(result.findings[0].code, id + ".ready");
      zoo.manager.restart(id);
      EXPECT_TRUE(zoo.recorder.waitTimes(id, LifeState::running, 2));
    }
  }
};

TEST_F(PluginOnTheCAbi, InPlainCNeedsNoCxxCompilerAndWorks) {
  cmake(examples() + "/plain-c");
  expectEchoes("echo");
}

TEST_F(PluginOnTheCAbi, InRustNeedsNoCrateAndWorks) {
  sh({"env", "RUSTC=/usr/bin/rustc", examples() + "/rust/build", plugins()});
  expectEchoes("mirror");
}

}  // namespace
}  // namespace jackfield::kernel::testing
