// SPDX-License-Identifier: Apache-2.0
// The trusted keys, and that minisign itself signs what is taken here.
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>

#include <jackfield/error.hpp>

#include "kernel/packages/content.hpp"
#include "maker.hpp"

using namespace jackfield;
using namespace jackfield::kernel::packages;
using namespace jackfield::tests;
namespace fs = std::filesystem;

namespace {

fs::path write(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder.path() / name, std::ios::binary) << text;
  fs::permissions(folder.path() / name, fs::perms::owner_read | fs::perms::owner_write);
  return folder.path() / name;
}

std::string refusalOf(const fs::path& file) {
  try {
    TrustStore::read(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "package.trust.invalid");
    return error.what();
  }
  return {};
}

TEST(Trust, ASignatureOfMinisignIsTakenAndTellsItsKey) {
  const TemporaryFolder folder{"trust"};
  write(folder, "content", "what is signed");
  const auto in = "cd " + folder.path().string() + " && ";
  ASSERT_EQ(std::system((in + "minisign -G -W -p key.pub -s key.sec > out 2>&1").c_str()), 0);
  ASSERT_EQ(std::system((in + "minisign -S -s key.sec -m content -t 'id=acme-pbx version=1.2.0' > out 2>&1").c_str()),
            0);
  const auto read = [&](const char* name) {
    std::ifstream file(folder.path() / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto pub = read("key.pub");
  const auto line = pub.substr(pub.find('\n') + 1);
  const TrustStore trust({{"Acme Ltd", line.substr(0, line.find('\n')), Rung::publisher, {"acme-pbx"}, {}}});
  const auto signature = Signature::parse(read("content.minisig"));
  EXPECT_THAT(pub, testing::HasSubstr(toText(signature.number)));
  FileDigest digest;
  digest.add("what is ");
  digest.add("signed");
  EXPECT_EQ(trust.signer(signature, digest.finish(), "2026-11-27").name, "Acme Ltd");
  EXPECT_EQ(parseComment(signature.trusted_comment), (Words{{"id", "acme-pbx"}, {"version", "1.2.0"}}));
}

TEST(Trust, TheFileIsReadAndItsAbsenceIsNoKey) {
  const TemporaryFolder folder{"trust"};
  const Signer signer;
  const auto file = write(folder, "keys.json",
                          R"({"keys": [{"name": "Acme Ltd", "key": ")" + signer.publicKey() +
                              R"(", "rung": "administrator", "plugins": ["acme-*"], "notAfter": "2030-12-31"}]})");
  const auto signature = Signature::parse(signer.sign("x", "id=acme-pbx version=1.2.0"));
  FileDigest digest;
  digest.add("x");
  const auto hash = digest.finish();
  EXPECT_EQ(TrustStore::read(file).signer(signature, hash, "2030-12-31").rung, Rung::administrator);
  EXPECT_THROW(TrustStore::read(file).signer(signature, hash, "2031-01-01"), Error);
  EXPECT_THROW(TrustStore::read(folder.path() / "absent").signer(signature, hash, "2026-11-27"), Error);
}

TEST(Trust, AMistakeInTheFileIsNamed) {
  const TemporaryFolder folder{"trust"};
  const auto key = Signer().publicKey();
  const auto with = [&](const std::string& entries) {
    return write(folder, "k.json", R"({"keys": [)" + entries + "]}");
  };
  const auto entry = [](const std::string& of, const std::string& rest) {
    return R"({"name": "A", "key": ")" + of + R"(", )" + rest + "}";
  };
  EXPECT_THAT(refusalOf(write(folder, "k.json", "{")), testing::HasSubstr("k.json"));
  EXPECT_THAT(refusalOf(with(entry("RWQ", R"("plugins": ["a"])"))), testing::HasSubstr("/keys/0/key"));
  EXPECT_THAT(refusalOf(with(entry(key, R"("plugins": [])"))), testing::HasSubstr("/keys/0/plugins"));
  EXPECT_THAT(refusalOf(with(entry(key, R"("plugins": ["a"], "rung": "developer")"))),
              testing::HasSubstr("/keys/0/rung"));
  EXPECT_THAT(refusalOf(with(entry(key, R"("plugins": ["a"], "notAfter": "2026-02-29")"))),
              testing::HasSubstr("2026-02-29 is not a day"));
  const auto good = entry(key, R"("plugins": ["a"])");
  EXPECT_THAT(refusalOf(with(good + "," + good)), testing::HasSubstr("is there already, as A"));
  const auto file = with(good);
  EXPECT_EQ(refusalOf(file), "");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(refusalOf(file), testing::HasSubstr("chmod go-w"));
}

}  // namespace
