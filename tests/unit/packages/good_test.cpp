// SPDX-License-Identifier: Apache-2.0
// What a good package is, and what is shown of it before it is installed.
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <jackfield/error.hpp>

#include "kernel/packages/rating.hpp"
#include "maker.hpp"

using namespace jackfield;
using namespace jackfield::kernel::packages;
using namespace jackfield::tests;
namespace fs = std::filesystem;

namespace {

std::string textOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> codesOf(const Rating& rating) {
  std::vector<std::string> out;
  for (const auto& reason : rating.reasons) out.push_back(reason.code);
  return out;
}

TEST(Package, SaysWhatItIsAndWhoSignedIt) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  const auto package = Package::open(maker.write(folder), maker.policy());
  EXPECT_EQ(package.manifest().id, "acme-pbx");
  EXPECT_EQ(package.manifest().version, "1.2.0");
  EXPECT_EQ(package.rung(), Rung::publisher);
  EXPECT_EQ(package.signer(), "Acme Ltd");
}

TEST(Package, UnpacksWhatBelongsToThisMachineAndLetsNobodyChangeIt) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  const auto to = folder.path() / "to";
  fs::create_directory(to);
  Package::open(maker.write(folder), maker.policy()).unpack(to);
  EXPECT_EQ(textOf(to / "libacme-pbx.so"), elf());
  EXPECT_EQ(textOf(to / "icons/acme.svg"), "<svg/>");
  EXPECT_FALSE(fs::exists(to / "arch"));
  const auto rights = [&](const char* name) {
    struct stat info {};
    EXPECT_EQ(::stat((to / name).c_str(), &info), 0) << name;
    return info.st_mode & 07777;
  };
  EXPECT_EQ(rights("libacme-pbx.so"), 0555U);
  EXPECT_EQ(rights("plugin.json"), 0444U);
  EXPECT_EQ(rights("icons"), 0555U);
  EXPECT_EQ(rights("."), 0555U);
  fs::permissions(to, fs::perms::owner_all);
  fs::permissions(to / "icons", fs::perms::owner_all);
}

TEST(Package, WhatWasJudgedIsUnpackedWhateverHappensToItsFile) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  const auto file = maker.write(folder);
  const auto package = Package::open(file, maker.policy());
  std::ofstream(file) << "something else";
  const auto to = folder.path() / "to";
  fs::create_directory(to);
  package.unpack(to);
  EXPECT_EQ(textOf(to / "libacme-pbx.so"), elf());
  fs::permissions(to, fs::perms::owner_all);
  fs::permissions(to / "icons", fs::perms::owner_all);
}

TEST(Package, TheOtherKindOfMachineGetsItsOwnLibrary) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  auto policy = maker.policy();
  policy.machine = "aarch64";
  const auto to = folder.path() / "to";
  fs::create_directory(to);
  Package::open(maker.write(folder), policy).unpack(to);
  EXPECT_EQ(textOf(to / "libacme-pbx.so"), elf(183));
  fs::permissions(to, fs::perms::owner_all);
  fs::permissions(to / "icons", fs::perms::owner_all);
}

TEST(Package, UnsignedIsTakenInDeveloperModeAlone) {
  const TemporaryFolder folder{"packages"};
  Maker maker;
  maker.sign = false;
  auto policy = maker.policy();
  policy.developer = true;
  const auto package = Package::open(maker.write(folder), policy);
  EXPECT_EQ(package.rung(), Rung::developer);
  EXPECT_EQ(package.signer(), "");
}

TEST(Package, GoingBackIsPossibleOnPurpose) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  auto policy = maker.policy();
  policy.installed["acme-pbx"] = "1.10.0";
  policy.older = true;
  EXPECT_EQ(Package::open(maker.write(folder), policy).manifest().version, "1.2.0");
}

TEST(Package, UntilItsLastDayItIsTaken) {
  const TemporaryFolder folder{"packages"};
  Maker maker;
  maker.comment = "id=acme-pbx version=1.2.0 expires=2026-11-27";
  EXPECT_NO_THROW(Package::open(maker.write(folder), maker.policy()));
}

TEST(Versions, AreComparedByTheirNumbers) {
  const std::vector<std::string> rising{"0.9.9",        "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                        "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0",         "1.2.0",
                                        "1.10.0",       "2.0.0"};
  for (std::size_t i = 0; i < rising.size(); ++i)
    for (std::size_t j = 0; j < rising.size(); ++j) {
      const int order = compareVersions(rising[i], rising[j]);
      EXPECT_EQ(order < 0, i < j) << rising[i] << " " << rising[j];
      EXPECT_EQ(order > 0, i > j) << rising[i] << " " << rising[j];
    }
}

TEST(Rating, SaysEachReasonAndTheHighestRisk) {
  kernel::Manifest manifest;
  EXPECT_EQ(rate(manifest, Rung::publisher).risk, Risk::low);
  EXPECT_THAT(codesOf(rate(manifest, Rung::publisher)), testing::IsEmpty());
  manifest.server_types.push_back({"acme", "call-server", "Acme", "call-control/1",
                                   boost::json::parse(R"({"properties": {"a": {"properties": {
                                     "password": {"x-secret": true}, "ca": {"x-file": true}}}}})")
                                       .as_object()});
  EXPECT_THAT(codesOf(rate(manifest, Rung::publisher)), testing::ElementsAre("files"));
  manifest.needs.network = "any";
  manifest.needs.memory_mb = 4096;
  EXPECT_THAT(codesOf(rate(manifest, Rung::administrator)),
              testing::ElementsAre("ownKey", "network", "secrets", "files", "memory"));
  EXPECT_EQ(rate(manifest, Rung::administrator).risk, Risk::medium);
  EXPECT_EQ(rate(manifest, Rung::developer).risk, Risk::high);
}

}  // namespace
