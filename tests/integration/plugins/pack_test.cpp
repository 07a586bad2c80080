// SPDX-License-Identifier: Apache-2.0
// A stranger's plugin on its whole way: built with the installed SDK, packed, signed, installed, and served from there.
#include <fstream>

#include "outside.hpp"

namespace jackfield::kernel::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PackedPlugin : public PluginOutsideTheTree {
 protected:
  PackedPlugin() {
    sdk({"new", "acme-pbx", "--capability", "call-control/1", "--into", folder_ + "/acme"});
    cmake(folder_ + "/acme");
    sh({"minisign", "-G", "-W", "-p", folder_ + "/acme.pub", "-s", folder_ + "/acme.key"});
  }
  std::string sdk(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), prefix() + "/bin/jackfield-sdk");
    return sh(arguments);
  }
  std::string package(std::vector<std::string> arguments) const {
    const std::vector<std::string> before{prefix() + "/libexec/jackfield-sdk/jackfield-package", "--plugins",
                                          installed_, "--trust", folder_ + "/keys.json"};
    arguments.insert(arguments.begin(), before.begin(), before.end());
    return sh(arguments);
  }
  void trustTheKey() const {
    std::ifstream pub(folder_ + "/acme.pub");
    std::string line;
    while (std::getline(pub, line) && line.starts_with("untrusted")) {
    }
    std::ofstream(folder_ + "/keys.json")
        << R"({"keys": [{"name": "Acme Ltd", "plugins": ["acme-*"], "key": ")" << line << R"("}]})";
    fs::permissions(folder_ + "/keys.json", fs::perms::owner_read | fs::perms::owner_write);
  }

  const std::string folder_ = scratch_.path().string(), installed_ = folder_ + "/installed";
};

TEST_F(PackedPlugin, IsInstalledAndServesFromWhereItWasUnpacked) {
  const auto file = folder_ + "/acme.jfpkg";
  const std::vector<std::string> pack{
      "pack",  plugins() + "/acme-pbx", "--license", "/usr/share/common-licenses/Apache-2.0",
      "--key", folder_ + "/acme.key",   "--output",  file};
  EXPECT_THAT(sdk(pack), HasSubstr("is the package"));
  EXPECT_THROW(package({"install", file}), std::exception);
  trustTheKey();
  EXPECT_THAT(package({"install", file}), HasSubstr("Acme Ltd (administrator)"));
  EXPECT_THAT(sdk({"run", installed_ + "/acme-pbx", folder_ + "/acme/script.jsonl"}), HasSubstr("established"));

  std::ifstream first(file, std::ios::binary);
  const std::string before(std::istreambuf_iterator<char>(first), {});
  sdk({"pack", plugins() + "/acme-pbx", "--license", "/usr/share/common-licenses/Apache-2.0", "--output", file});
  std::ifstream second(file, std::ios::binary);
  const std::string unsigned_one(std::istreambuf_iterator<char>(second), {});
  const auto content = unsigned_one.substr(512, unsigned_one.size() - 512 - 10240);
  EXPECT_THAT(before, HasSubstr(content)) << "packed twice it is not the same";
  EXPECT_THROW(package({"install", file}), std::exception);
  EXPECT_THAT(package({"--developer", "inspect", file}), HasSubstr("risk       high"));
  package({"remove", "acme-pbx"});
}

TEST_F(PackedPlugin, WhatThePackageMayNotHoldIsSaidWhileItIsMade) {
  const auto refused = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"pack", plugins() + "/acme-pbx", "--output", folder_ + "/acme.jfpkg"});
    try {
      sdk(more);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_THAT(refused({}), HasSubstr("it has no LICENSE"));
  EXPECT_THAT(refused({"--license", folder_ + "/absent"}), HasSubstr("absent cannot be read"));
  EXPECT_THAT(refused({"--also", "aarch64"}), HasSubstr("is not MACHINE=FOLDER"));
  std::ofstream(plugins() + "/acme-pbx/a b.txt") << "x";
  EXPECT_THAT(refused({"--license", "/usr/share/common-licenses/Apache-2.0"}), HasSubstr("a b.txt"));
}

}  // namespace
}  // namespace jackfield::kernel::testing
