// SPDX-License-Identifier: Apache-2.0
// A plugin in a process of its own gets what its manifest names and nothing else: the zoo's prisoner tries.
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fixture.hpp"
#include "kernel/holder/fd.hpp"
#include "support/process.hpp"

namespace jackfield::kernel::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PluginConfinement : public ::testing::Test {
 protected:
  void start(Zoo& in, const std::string& type, boost::json::object settings = {}) {
    in.start(type, std::move(settings));
    ASSERT_TRUE(in.recorder.waitState(type, LifeState::running));
  }
  std::string attempt(Zoo& in, const std::string& what, const std::string& with = "",
                      const std::string& who = "prisoner") {
    return in.textOf(in.call(who, "zoo/1.try", what + " " + with));
  }
  std::string attempt(const std::string& what, const std::string& with = "", const std::string& who = "prisoner") {
    return attempt(zoo, what, with, who);
  }
  static std::vector<std::string> holding(const Zoo& in, const std::string& handle) {
    std::vector<std::string> out;
    for (const auto& measure : in.manager.instance(handle).measures)
      if (measure.holds) out.push_back(measure.name);
    return out;
  }
  std::string file(const std::string& name) {
    const auto path = folder.path() / name;
    std::ofstream(path) << "content";
    return path.string();
  }

  tests::TemporaryFolder folder{"confinement"};
  Zoo zoo{Hosting::ownProcess};
};

TEST_F(PluginConfinement, HoldsInEveryRespectAndIsTold) {
  start(zoo, "prisoner");
  EXPECT_THAT(holding(zoo, "prisoner"), ElementsAre("resources", "files", "privileges", "systemCalls", "network"));
  start(zoo, "prisoner-online");
  EXPECT_THAT(holding(zoo, "prisoner-online"), ElementsAre("resources", "files", "privileges", "systemCalls"));
}

TEST_F(PluginConfinement, SeesNoFilesButTheSystemsLibrariesItsOwnAndThoseItsSettingsName) {
  const auto named = file("named.pem");
  const auto unnamed = file("unnamed.pem");
  start(zoo, "prisoner", {{"certificate", named}});
  EXPECT_EQ(attempt("read", named), "ok");
  for (const auto& hidden : {unnamed, std::string("/etc/shadow"), std::string("/etc/passwd"), std::string("/home"),
                             std::string("/proc/self/maps"), std::string("/dev/mem"), std::string("/var"),
                             std::string("/run"), std::string("/sys")})
    EXPECT_EQ(attempt("read", hidden), "ENOENT") << hidden;
  const auto own = std::string(ZOO_FOLDER) + "/zoo-prisoner/plugin.json";
  EXPECT_EQ(attempt("read", own), "ok");
  EXPECT_EQ(attempt("read", std::string(ZOO_FOLDER) + "/zoo-good/plugin.json"), "ENOENT");
  for (const auto& closed : {own, named, std::string("/usr/lib/new"), std::string("/new")})
    EXPECT_THAT(attempt("write", closed), AnyOf("EROFS", "EACCES")) << closed;
}

TEST_F(PluginConfinement, HasATemporaryFolderOfItsOwn) {
  start(zoo, "prisoner");
  const auto name = "/tmp/jackfield-prisoner-" + std::to_string(::getpid());
  EXPECT_EQ(attempt("write", name), "ok");
  EXPECT_EQ(attempt("read", name), "ok");
  EXPECT_FALSE(std::filesystem::exists(name));
  start(zoo, "prisoner-online");
  EXPECT_EQ(attempt("read", name, "prisoner-online"), "ENOENT");
}

TEST_F(PluginConfinement, StartsNoProcessAndTouchesNoOther) {
  start(zoo, "prisoner-online");
  const auto host = std::to_string(::getpid());
  for (const auto& what : {"fork", "exec", "mount", "leave"})
    EXPECT_EQ(attempt(what, "", "prisoner-online"), "EPERM") << what;
  for (const auto& what : {"kill", "own", "trace", "look"})
    EXPECT_EQ(attempt(what, host, "prisoner-online"), "EPERM") << what;
  EXPECT_EQ(attempt("limit", host, "prisoner-online"), "ENOSYS");
  EXPECT_EQ(attempt("become", "", "prisoner-online"), "ENOSYS");
}

TEST_F(PluginConfinement, UsesTheNetworkOnlyIfItsManifestAsksForIt) {
  const auto listening = [](int family, const sockaddr* at, socklen_t size) {
    Fd out(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(out.get(), at, size), 0);
    EXPECT_EQ(::listen(out.get(), 4), 0);
    return out;
  };
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto tcp = listening(AF_INET, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback);
  socklen_t size = sizeof loopback;
  ASSERT_EQ(::getsockname(tcp.get(), reinterpret_cast<sockaddr*>(&loopback), &size), 0);
  const auto port = std::to_string(ntohs(loopback.sin_port));
  const std::string name = "jackfield-test-" + std::to_string(::getpid());
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  name.copy(local.sun_path + 1, sizeof local.sun_path - 1);
  const auto named = listening(AF_UNIX, reinterpret_cast<const sockaddr*>(&local),
                               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()));

  start(zoo, "prisoner");
  EXPECT_EQ(attempt("connect", port), "EPERM");
  EXPECT_EQ(attempt("speak", name), "ECONNREFUSED") << "nobody listens in a network of its own";
  start(zoo, "prisoner-online");
  EXPECT_EQ(attempt("connect", port, "prisoner-online"), "ok");
}

TEST_F(PluginConfinement, GetsNoMoreMemoryAndDescriptorsThanItsManifestAsksFor) {
  start(zoo, "prisoner");
  EXPECT_EQ(zoo.manager.instance("prisoner").memory_limit_mb, 256U);
  EXPECT_GT(zoo.manager.instance("prisoner").memory_mb, 0U);
  EXPECT_LT(zoo.manager.instance("prisoner").memory_mb, 256U);
  EXPECT_EQ(attempt("memory", "64"), "ok");
  EXPECT_EQ(attempt("memory", "512"), "ENOMEM");
  EXPECT_EQ(attempt("descriptors", "64"), "ok");
  EXPECT_EQ(attempt("descriptors", "256"), "EMFILE");
  EXPECT_EQ(zoo.textOf(zoo.call("prisoner", "zoo/1.echo", "still here")), "still here");
}

TEST_F(PluginConfinement, IsNotWhatThePluginSaysOfIt) {
  start(zoo, "prisoner");
  const auto before = holding(zoo, "prisoner");
  for (const auto* said : {R"([{"name":"files","holds":false,"reason":"forged"}])", "no JSON"}) {
    EXPECT_EQ(attempt("forge", said), "ok");
    ASSERT_TRUE(zoo.recorder.waitLog("plugin.message.undeclared"));
    EXPECT_EQ(zoo.textOf(zoo.call("prisoner", "zoo/1.echo", "after it")), "after it");
    EXPECT_EQ(holding(zoo, "prisoner"), before);
  }
}

// Where ordinary users get no namespaces, as on some hardened systems.
TEST_F(PluginConfinement, WorksWithWhatTheSystemGrantsAndTellsWhatItDoesNot) {
  const auto program = folder.path() / "without-namespaces";
  std::ofstream(program) << "#!/bin/sh\nexec unshare --user --map-root-user sh -c "
                            "'echo 0 >/proc/sys/user/max_user_namespaces; exec \"$0\" \"$@\"' " PLUGIN_HOST " \"$@\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  Zoo bare(Hosting::ownProcess, {}, ZOO_FOLDER, program);
  start(bare, "prisoner");
  EXPECT_THAT(holding(bare, "prisoner"), ElementsAre("resources", "privileges", "systemCalls", "network"));
  for (const auto& measure : bare.manager.instance("prisoner").measures)
    if (!measure.holds) {
      EXPECT_THAT(measure.reason, HasSubstr("namespaces of its own"));
    }
  EXPECT_TRUE(bare.recorder.waitLog("plugin.confinement.missing"));
  EXPECT_EQ(attempt(bare, "read", "/etc/passwd"), "ok");
  EXPECT_EQ(attempt(bare, "connect", "9"), "EPERM");
  EXPECT_EQ(attempt(bare, "fork"), "EPERM");
}

TEST(PluginInTheHost, IsNotConfined) {
  Zoo zoo(Hosting::inHost);
  zoo.startGood();
  EXPECT_TRUE(zoo.manager.instance("good").measures.empty());
}

}  // namespace
}  // namespace jackfield::kernel::testing
