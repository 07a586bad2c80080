// SPDX-License-Identifier: Apache-2.0
// Packages that want to do harm, or are broken: each is refused for its own reason, and nothing of it is written.
#include <gmock/gmock.h>

#include <jackfield/error.hpp>

#include "maker.hpp"

using namespace jackfield;
using namespace jackfield::kernel::packages;
using namespace jackfield::tests;

namespace {

constexpr unsigned regular = 0100000, folder_kind = 0040000;

struct Case {
  std::string name;
  std::string code;
  std::string says;  // part of the sentence
  std::function<void(Maker&, Policy&)> change;
};

std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

RawMember& library(Maker& maker) {
  return maker.members.at(0);
}

Case member(const std::string& name, const std::string& says, RawMember one) {
  return {name, "package.member", says, [one](Maker& maker, Policy&) { maker.members.push_back(one); }};
}

Case named(const std::string& test, const std::string& name) {
  return member(test, "has a name with a part", {name, "x"});
}

Case comment(const std::string& name, const std::string& code, const std::string& says, const std::string& text) {
  return {name, code, says, [text](Maker& maker, Policy&) { maker.comment = text; }};
}

Case manifest(const std::string& name, const std::string& code, const std::string& says, const std::string& key,
              boost::json::value value) {
  return {name, code, says, [key, value](Maker& maker, Policy&) { maker.manifest[key] = value; }};
}

Case signatureText(const std::string& name, const std::string& code, const std::string& says,
                   std::function<std::string(std::string)> change) {
  return {name, code, says, [change](Maker& maker, Policy&) {
            maker.outer = [change](auto& both) { both[0].text = change(both[0].text); };
          }};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

const std::vector<Case> cases{
    // the file
    {"Empty", "package.archive.malformed", "not a whole tar",
     [](Maker& m, Policy&) { m.file = [](auto) { return ""; }; }},
    {"Noise", "package.archive.malformed", "not a whole tar",
     [](Maker& m, Policy&) { m.file = [](auto) { return std::string(5000, 'x'); }; }},
    {"CutInTheSignature", "package.archive.malformed", "not a whole tar",
     [](Maker& m, Policy&) { m.file = [](std::string all) { return all.substr(0, 600); }; }},
    {"CutInTheContent", "package.archive.malformed", "not a whole tar",
     [](Maker& m, Policy&) { m.file = [](std::string all) { return all.substr(0, 2300); }; }},
    {"AnotherFirstMember", "package.layout", "where content.tar.gz should be",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both[0].name = "readme"; }; }},
    {"SignatureAfterTheContent", "package.layout", "after content.tar.gz",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { std::swap(both[0], both[1]); }; }},
    {"NoContent", "package.layout", "no content.tar.gz",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both.pop_back(); }; }},
    {"ContentIsAFolder", "package.layout", "where content.tar.gz should be",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both[1].kind = folder_kind, both[1].text.clear(); }; }},
    {"AThirdMember", "package.size", "more than 2 members",
     [](Maker& m, Policy&) { m.outer = [](auto& both) {
                               both.push_back({"more", "x"});
                             }; }},
    {"ContentIsALink", "package.member", "symbolic link",
     [](Maker& m, Policy&) {
       m.outer = [](auto& both) { both[1] = {"content.tar.gz", "", 0120000, 0777, "/etc/shadow"}; };
     }},
    {"HugeSignature", "package.size", "4 KiB",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both[0].text = std::string(5000, 'x'); }; }},
    {"ContentOf300MiBSaid", "package.size", "256 MiB",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both[1].said_size = 300LL << 20; }; }},
    {"NotPacked", "package.signature.wrong", "changed after",
     [](Maker& m, Policy&) { m.packed = [](auto) { return "plugin.json"; }; }},
    // the signature
    {"Unsigned", "package.unsigned", "not signed", [](Maker& m, Policy&) { m.sign = false; }},
    {"AnEmptySignature", "package.unsigned", "not signed",
     [](Maker& m, Policy&) { m.outer = [](auto& both) { both[0].text.clear(); }; }},
    {"OneOctetChanged", "package.signature.wrong", "changed after",
     [](Maker& m, Policy&) { m.packed = [](std::string all) { return all[all.size() / 2] ^= 1, all; }; }},
    {"OneOctetMore", "package.signature.wrong", "changed after",
     [](Maker& m, Policy&) { m.packed = [](std::string all) { return all + "x"; }; }},
    {"OneOctetLess", "package.signature.wrong", "changed after",
     [](Maker& m, Policy&) { m.packed = [](std::string all) { return all.pop_back(), all; }; }},
    {"NoKeyIsTrusted", "package.signature.unknown", "not trusted here",
     [](Maker&, Policy& policy) { policy.trust = TrustStore({}); }},
    {"AnotherKeyOfTheSameNumber", "package.signature.wrong", "only claims",
     [](Maker&, Policy& policy) { policy.trust = TrustStore({Signer().trusted()}); }},
    {"KeyForOtherPlugins", "package.key.scope", "may not sign plugin acme-pbx",
     [](Maker& m, Policy& policy) {
       policy.trust = TrustStore({m.signer.trusted({"acme-fax", "other-*"})});
     }},
    {"KeyExpired", "package.key.expired", "2026-11-26",
     [](Maker& m, Policy& policy) {
       auto key = m.signer.trusted();
       key.not_after = "2026-11-26";
       policy.trust = TrustStore({key});
     }},
    signatureText("OldKind", "package.signature.legacy", "old kind",
                  [](std::string text) { return replaced(text, "\nRUR", "\nRWR"); }),
    signatureText("CommentChanged", "package.signature.wrong", "changed after",
                  [](std::string text) { return replaced(text, "version=1.2.0", "version=1.2.1"); }),
    signatureText("CommentTakenOff", "package.signature.malformed", "third line",
                  [](std::string text) { return replaced(text, "trusted comment: id", "comment: id"); }),
    signatureText("NoFirstLine", "package.signature.malformed", "first line",
                  [](std::string text) { return replaced(text, "untrusted comment: ", ""); }),
    signatureText("SecondLineCut", "package.signature.malformed", "second line",
                  [](std::string text) { return replaced(text, "\ntrusted", "A\ntrusted"); }),
    signatureText("FourthLineCut", "package.signature.malformed", "fourth line",
                  [](std::string text) { return text.substr(0, text.size() - 5) + "\n"; }),
    signatureText("NoLastEnd", "package.signature.malformed", "four lines",
                  [](std::string text) { return text.pop_back(), text; }),
    signatureText("MoreLines", "package.signature.malformed", "after its fourth",
                  [](const std::string& text) { return text + "more\n"; }),
    signatureText("AnotherAlgorithm", "package.signature.malformed", "algorithm",
                  [](std::string text) { return replaced(text, "\nRUR", "\nQUR"); }),
    comment("CommentWithoutVersion", "package.comment", "version=", "id=acme-pbx"),
    comment("CommentOfProse", "package.comment", "words such as", "timestamp: 1 file: acme"),
    comment("CommentWithTwoSpaces", "package.comment", "words such as", "id=acme-pbx  version=1.2.0"),
    comment("CommentSaysTwice", "package.comment", "twice", "id=acme-pbx id=acme-fax version=1.2.0"),
    comment("CommentEndsWhenItLikes", "package.comment", "not a day", "id=acme-pbx version=1.2.0 expires=tomorrow"),
    comment("Expired", "package.expired", "2026-11-26", "id=acme-pbx version=1.2.0 expires=2026-11-26"),
    comment("SignedForAnotherId", "package.mismatch", "acme-fax", "id=acme-fax version=1.2.0"),
    comment("SignedForAnotherVersion", "package.mismatch", "1.3.0", "id=acme-pbx version=1.3.0"),
    comment("SignedForAForeignId", "package.key.scope", "may not sign plugin directory", "id=directory version=1.2.0"),
    comment("VeryLongComment", "package.signature.malformed", "1,024", "id=acme-pbx version=" + std::string(2000, '1')),
    // the manifest
    {"NotAnArchiveInside", "package.archive.malformed", "not a whole tar",
     [](Maker& m, Policy& policy) {
       m.sign = false, policy.developer = true;
       m.packed = [](auto) { return "plugin.json"; };
     }},
    {"NoManifest", "package.layout", "plugin.json is not the first",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all.erase(all.begin()); }; }},
    {"ManifestIsNoJson", "plugin.manifest.json", "plugin.json of the package",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all[0].text = "{"; }; }},
    {"ManifestOf2MiB", "package.size", "1024 KiB",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all[0].text = std::string(2 << 20, ' '); }; }},
    {"IdWithAPath", "plugin.manifest.invalid", "/id",
     [](Maker& m, Policy& policy) {
       m.manifest["id"] = "../etc";
       m.sign = false, policy.developer = true;
     }},
    manifest("LibraryWithAPath", "plugin.manifest.invalid", "/library", "library", "../libc.so"),
    manifest("VersionOfWords", "plugin.manifest.invalid", "/version", "version", "newest"),
    manifest("UnknownMember", "plugin.manifest.invalid", "setuid", "setuid", true),
    manifest("AbiOfTheFuture", "plugin.abi.newer", "update Jackfield", "abi", 99),
    manifest("CapabilityOfTheFuture", "plugin.capability.unknown", "call-control/9", "capabilities",
             boost::json::array{"call-control/9"}),
    manifest("ServiceOfTheFuture", "plugin.service.unknown", "root/1", "requires", boost::json::array{"root/1"}),
    {"CapabilityNotListed", "plugin.manifest.posture", "does not list",
     [](Maker& m, Policy&) { m.manifest["serverTypes"].as_array()[0].as_object()["capability"] = "directory/1"; }},
    {"Downgrade", "package.downgrade", "older than 1.10.0",
     [](Maker&, Policy& policy) { policy.installed["acme-pbx"] = "1.10.0"; }},
    {"DowngradeToAPreRelease", "package.downgrade", "older than 1.2.0",
     [](Maker& m, Policy& policy) {
       m.manifest["version"] = "1.2.0-rc.9";
       policy.installed["acme-pbx"] = "1.2.0";
     }},
    // the hashes
    {"NoSums", "package.layout", "SHA256SUMS is not the second",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all.erase(all.begin() + 1); }; }},
    {"SumsOfProse", "package.hash", "line 1",
     [](Maker& m, Policy&) { m.change_sums = [](auto) { return "all good\n"; }; }},
    {"SumsInCapitals", "package.hash", "line 1",
     [](Maker& m, Policy&) {
       m.change_sums = [](std::string sums) { return std::string(64, 'A') + sums.substr(64); };
     }},
    {"SumsNameTwice", "package.hash", "second time",
     [](Maker& m, Policy&) { m.change_sums = [](auto s) { return s + s; }; }},
    {"SumsWithoutLastEnd", "package.hash", "sha256sum",
     [](Maker& m, Policy&) { m.change_sums = [](std::string s) { return s.pop_back(), s; }; }},
    {"FileChangedInside", "package.hash", "libacme-pbx.so is not what",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all[2].text += "x"; }; }},
    {"ManifestChangedInside", "package.hash", "plugin.json is not what",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all[0].text += " "; }; }},
    {"FileAdded", "package.hash", "does not stand in SHA256SUMS",
     [](Maker& m, Policy&) { m.content = [](auto& all) {
                               all.push_back({"libevil.so", elf()});
                             }; }},
    {"FileTakenOff", "package.hash", "but is not there",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all.pop_back(); }; }},
    // members
    named("UpAndOut", "../evil.so"),
    named("UpInside", "icons/../../evil.so"),
    named("Absolute", "/etc/passwd"),
    named("EmptyPart", "icons//x"),
    named("HiddenFile", ".hidden"),
    named("HiddenInside", "icons/.x"),
    named("ABackslash", "icons\\x"),
    named("AnOption", "-rf"),
    named("ASpace", "icons/a b"),
    named("AnEscape", "icons/\x1b[2J"),
    {"ANewLine", "package.member", "has a name with a part",
     [](Maker& m, Policy&) { m.content = [](auto& all) {
                               all.push_back({"icons/a\nb", "x"});
                             }; }},
    named("NotAscii", "icons/\xc3\xa4"),
    member("LongName", "more than 200", {std::string(150, 'a') + "/" + std::string(100, 'b'), "x"}),
    member("Deep", "8 folders deep", {"a/b/c/d/e/f/g/h/i/j", "x"}),
    {"TwiceTheSame", "package.member", "is there twice",
     [](Maker& m, Policy&) { m.content = [](auto& all) { all.push_back(all.back()); }; }},
    member("TwiceButForCase", "is there twice", {"license", "Apache-2.0"}),
    member("SymbolicLink", "symbolic link", {"link", "", 0120000, 0777, "/etc/shadow"}),
    member("HardLink", "link to another", {"link", "", regular, 0644, "LICENSE", true}),
    member("CharacterDevice", "neither", {"null", "", 0020000, 0644}),
    member("BlockDevice", "neither", {"disk", "", 0060000, 0644}),
    member("Fifo", "neither", {"fifo", "", 0010000, 0644}),
    member("SetUserId", "set-user-ID", {"tool", "x", regular, 04755}),
    member("SetGroupId", "set-user-ID", {"tool", "x", regular, 02755}),
    member("WritableByAll", "writable by everybody", {"tool", "x", regular, 0666}),
    member("StickyFolder", "sticky", {"folder", "", folder_kind, 01755}),
    member("Capabilities", "extended attributes", {"tool", "x", regular, 0755, "", false, {}, "security.capability"}),
    {"FolderInPlaceOfTheLibrary", "package.member", "is there twice",
     [](Maker& m, Policy&) {
       m.members.push_back({"arch/x86_64/libacme-pbx.so", "", folder_kind, 0755});
     }},
    {"ShadowsAFile", "package.layout", "would stand where another",
     [](Maker& m, Policy&) {
       m.members.push_back({"arch/x86_64/LICENSE", "mine"});
     }},
    {"ShadowsTheManifest", "package.layout", "would stand where another",
     [](Maker& m, Policy&) {
       m.members.push_back({"arch/x86_64/plugin.json", "{}"});
     }},
    {"TooManyMembers", "package.size", "4096 members",
     [](Maker& m, Policy&) {
       for (int i = 0; i < 5000; ++i) m.members.push_back({"texts/" + std::to_string(i), "x"});
     }},
    {"BombOf200MiB", "package.size", "128 MiB",
     [](Maker& m, Policy&) {
       m.members.push_back({"bomb", std::string(200 << 20, '\0')});
     }},
    {"BombOfManyParts", "package.size", "512 MiB in all",
     [](Maker& m, Policy&) {
       for (int i = 0; i < 6; ++i) m.members.push_back({"bomb" + std::to_string(i), std::string(100 << 20, '\0')});
     }},
    // the library
    {"NoLicence", "package.layout", "no LICENSE", [](Maker& m, Policy&) { m.members.erase(m.members.begin() + 2); }},
    {"NoListOfParts", "package.layout", "no sbom.json",
     [](Maker& m, Policy&) { m.members.erase(m.members.begin() + 3); }},
    {"AnotherMachineAlone", "package.architecture", "only for aarch64",
     [](Maker& m, Policy&) { m.members.erase(m.members.begin()); }},
    {"NoMachineAtAll", "package.architecture", "only for none",
     [](Maker& m, Policy&) { m.members.erase(m.members.begin(), m.members.begin() + 2); }},
    {"LibraryOutsideOfArch", "package.architecture", "for x86_64",
     [](Maker& m, Policy&) { library(m).name = "libacme-pbx.so"; }},
    {"LibraryOfAnotherMachine", "package.library", "aarch64", [](Maker& m, Policy&) { library(m).text = elf(183); }},
    {"LibraryOfText", "package.library", "no shared library", [](Maker& m, Policy&) { library(m).text = "#!/bin/sh"; }},
    {"LibraryCut", "package.library", "no shared library",
     [](Maker& m, Policy&) { library(m).text = elf().substr(0, 20); }},
    {"LibraryIsAProgram", "package.library", "no shared library", [](Maker& m, Policy&) { library(m).text[16] = 2; }},
};

class Hostile : public testing::TestWithParam<Case> {};

TEST_P(Hostile, IsRefusedWithItsReason) {
  const TemporaryFolder folder{"packages"};
  Maker maker;
  auto policy = maker.policy();
  GetParam().change(maker, policy);
  try {
    Package::open(maker.write(folder), policy);
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), GetParam().code) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().says));
    for (const char* c = error.what(); *c; ++c) EXPECT_GE(static_cast<unsigned char>(*c), 0x20);
  }
}

INSTANTIATE_TEST_SUITE_P(Packages, Hostile, testing::ValuesIn(cases), [](const auto& test) { return test.param.name; });

TEST(HostileFile, WhatIsNoPlainFileIsNotRead) {
  const TemporaryFolder folder{"packages"};
  const Maker maker;
  const auto refused = [&](const std::filesystem::path& file) {
    try {
      Package::open(file, maker.policy());
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  EXPECT_EQ(refused(folder.path() / "absent"), "package.unreadable");
  EXPECT_EQ(refused(folder.path()), "package.unreadable");
  EXPECT_EQ(refused("/dev/zero"), "package.unreadable");
  std::filesystem::create_symlink(maker.write(folder), folder.path() / "link");
  EXPECT_EQ(refused(folder.path() / "link"), "package.unreadable");
}

}  // namespace
