// SPDX-License-Identifier: Apache-2.0
// The folder of plugins through installations, and the program that does them.
#include "kernel/packages/installed.hpp"

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <unistd.h>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

#include "maker.hpp"

using namespace jackfield;
using namespace jackfield::kernel::packages;
using namespace jackfield::tests;
namespace fs = std::filesystem;

namespace {

class InstalledPackages : public testing::Test {
 protected:
  ~InstalledPackages() override {
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(plugins, failed))
      if (!entry.is_symlink()) fs::permissions(entry.path(), fs::perms::owner_all, fs::perm_options::add, failed);
  }
  Package package(const std::string& version) {
    maker.manifest["version"] = version;
    auto policy = maker.policy();
    return Package::open(maker.write(folder), policy);
  }
  std::string used() const { return kernel::readManifest(plugins / "acme-pbx", {}).version; }
  std::string codeOf(const std::function<void()>& act) const {
    try {
      act();
    } catch (const Error& error) {
      return error.code();
    }
    return {};
  }

  TemporaryFolder folder{"packages"};
  fs::path plugins = folder.path() / "plugins";
  Maker maker;
};

TEST_F(InstalledPackages, AnUpdateKeepsTheVersionBeforeAndGoesBackToIt) {
  Installed installed(plugins);
  for (const char* version : {"1.0.0", "1.1.0", "1.2.0"}) {
    installed.install(package(version));
    EXPECT_EQ(used(), version);
  }
  EXPECT_THAT(installed.kept("acme-pbx"), testing::ElementsAre("1.1.0", "1.2.0"));
  EXPECT_EQ(installed.rollBack("acme-pbx"), "1.1.0");
  EXPECT_EQ(used(), "1.1.0");
  EXPECT_THAT(installed.versions(), testing::ElementsAre(testing::Pair("acme-pbx", "1.1.0")));
}

TEST_F(InstalledPackages, TheSameVersionAgainTakesItsPlace) {
  Installed installed(plugins);
  installed.install(package("1.0.0"));
  maker.members[4].text = "[ ]";
  installed.install(package("1.0.0"));
  std::ifstream in(plugins / "acme-pbx/messages.json");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "[ ]");
  EXPECT_THAT(installed.kept("acme-pbx"), testing::ElementsAre("1.0.0"));
  EXPECT_EQ(codeOf([&] { installed.rollBack("acme-pbx"); }), "package.previous.none");
}

TEST_F(InstalledPackages, TheLinkShowsAWholeVersionAtEveryMoment) {
  Installed installed(plugins);
  installed.install(package("1.0.0"));
  const auto again = package("1.0.0");
  const auto next = package("1.1.0");
  std::atomic<bool> done = false;
  std::atomic<int> looks = 0, gone = 0;
  std::thread reader([&] {
    while (!done) {
      ++looks;
      if (::access((plugins / "acme-pbx/libacme-pbx.so").c_str(), R_OK) != 0) ++gone;
    }
  });
  for (int i = 0; i < 20; ++i) {
    installed.install(again);
    installed.install(next);
  }
  done = true;
  reader.join();
  EXPECT_GT(looks, 100);
  EXPECT_EQ(gone, 0);
}

TEST_F(InstalledPackages, WhatACutInstallationLeftIsInNobodysWay) {
  Installed installed(plugins);
  installed.install(package("1.0.0"));
  fs::create_directories(plugins / ".versions/acme-pbx/.new-1.1.0/half");
  fs::create_symlink("nowhere", plugins / ".link-acme-pbx");
  EXPECT_THAT(installed.kept("acme-pbx"), testing::ElementsAre("1.0.0"));
  installed.install(package("1.1.0"));
  EXPECT_EQ(used(), "1.1.0");
  EXPECT_FALSE(fs::exists(plugins / "acme-pbx/half"));
}

TEST_F(InstalledPackages, AFolderThatNoPackageBroughtStays) {
  fs::create_directories(plugins / "acme-pbx");
  Installed installed(plugins);
  EXPECT_EQ(codeOf([&] { installed.install(package("1.0.0")); }), "package.folder.taken");
  EXPECT_EQ(codeOf([&] { installed.remove("acme-pbx"); }), "package.plugin.unknown");
  EXPECT_TRUE(fs::is_directory(plugins / "acme-pbx"));
}

TEST_F(InstalledPackages, RemovedIsAllOfIt) {
  Installed installed(plugins);
  installed.install(package("1.0.0"));
  installed.install(package("1.1.0"));
  installed.remove("acme-pbx");
  EXPECT_FALSE(fs::exists(fs::symlink_status(plugins / "acme-pbx")));
  EXPECT_THAT(installed.kept("acme-pbx"), testing::IsEmpty());
  EXPECT_THAT(installed.versions(), testing::IsEmpty());
}

TEST_F(InstalledPackages, OneInstallsAtATime) {
  const Installed installed(plugins);
  EXPECT_EQ(codeOf([&] { const Installed second(plugins); }), "package.folder.busy");
}

TEST_F(InstalledPackages, TheProgramInspectsInstallsGoesBackAndRemoves) {
  maker.manifest["needs"] = {{"network", "any"}};
  const auto trust = folder.path() / "keys.json";
  const auto run = [&](const std::string& arguments) {
    const auto out = folder.path() / "out";
    const auto command = PACKAGE_PROGRAM " --plugins " + plugins.string() + " --trust " + trust.string() + " " +
                         arguments + " > " + out.string() + " 2>&1";
    const int status = std::system(command.c_str());
    std::ifstream in(out);
    return std::to_string(WEXITSTATUS(status)) + " " + std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto file = maker.write(folder).string();
  EXPECT_THAT(run("inspect " + file),
              testing::AllOf(testing::StartsWith("1 "), testing::HasSubstr("not trusted here")));
  std::ofstream(trust) << R"({"keys": [{"name": "Acme Ltd", "key": ")" << maker.signer.publicKey()
                       << R"(", "plugins": ["acme-pbx"]}]})";
  fs::permissions(trust, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(
      run("inspect " + file),
      testing::AllOf(testing::StartsWith("0 Acme PBX (acme-pbx 1.2.0)"), testing::HasSubstr("Acme Ltd (administrator)"),
                     testing::HasSubstr("network any"), testing::HasSubstr("risk       medium")));
  EXPECT_FALSE(fs::exists(plugins / "acme-pbx"));
  EXPECT_THAT(run("install " + file), testing::StartsWith("0 "));
  EXPECT_EQ(used(), "1.2.0");
  maker.manifest["version"] = "1.3.0";
  EXPECT_THAT(run("install " + maker.write(folder).string()), testing::StartsWith("0 "));
  EXPECT_THAT(run("list"), testing::StartsWith("0 acme-pbx 1.3.0 (kept: 1.2.0)"));
  maker.manifest["version"] = "1.1.0";
  EXPECT_THAT(run("install " + maker.write(folder).string()),
              testing::AllOf(testing::StartsWith("1 "), testing::HasSubstr("older than 1.3.0")));
  EXPECT_THAT(run("rollback acme-pbx"), testing::StartsWith("0 acme-pbx 1.2.0"));
  EXPECT_EQ(used(), "1.2.0");
  EXPECT_THAT(run("remove acme-pbx"), testing::StartsWith("0 "));
  EXPECT_THAT(run("remove acme-pbx"),
              testing::AllOf(testing::StartsWith("1 "), testing::HasSubstr("no package brought")));
}

}  // namespace
