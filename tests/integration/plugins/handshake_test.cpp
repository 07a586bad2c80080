// SPDX-License-Identifier: Apache-2.0
// A plugin that does not fit is refused, each fault with a sentence of its own.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fixture.hpp"
#include "support/process.hpp"

namespace jackfield::kernel::testing {
namespace {

namespace fs = std::filesystem;

class PluginHandshake : public BothModes {
 protected:
  // Why an instance of the broken plugin did not come to life.
  std::string refusal(const std::string& type) {
    Zoo zoo(GetParam());
    zoo.startGood();
    zoo.start(type);
    EXPECT_TRUE(zoo.recorder.waitState(type, LifeState::stopped));
    zoo.expectGoodNeighbour();
    return zoo.manager.instance(type).reason;
  }
};
JACKFIELD_BOTH_MODES(PluginHandshake);

TEST_P(PluginHandshake, TellsEachFaultOfTheLibraryApart) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal("broken-magic"), HasSubstr("it is not a Jackfield plugin"));
  EXPECT_THAT(refusal("broken-symbol"), HasSubstr("does not export jf_plugin_entry_1"));
  EXPECT_THAT(refusal("broken-newer"),
              HasSubstr("needs plugin ABI 2.0, built by broken, this host has 1.0: update Jackfield"));
  EXPECT_THAT(refusal("broken-older"), HasSubstr("install a newer release of the plugin"));
  EXPECT_THAT(refusal("broken-minor"),
              HasSubstr("1.9, built by broken, this host has 1.0, which is older: update Jackfield"));
  EXPECT_THAT(refusal("broken-size"), HasSubstr("its entry has 8 octets"));
  EXPECT_THAT(refusal("broken-undefined"), HasSubstr("a library is missing in its link"));
  EXPECT_THAT(refusal("broken-contradicts"), HasSubstr("the two contradict each other"));
}

// Manifests alone: nothing is mapped.
class PluginManifest : public ::testing::Test {
 protected:
  PluginManifest() { fs::create_directory(folder_ / "p"); }

  std::string refusalOf(const std::string& text) {
    std::ofstream(folder_ / "p/plugin.json", std::ios::trunc) << text;
    Recorder recorder;
    PluginOptions options;
    const PluginManager manager(folder_, PLUGIN_HOST, Hosting::inHost, recorder, options);
    return manager.plugins().at(0).error;
  }
  // A good manifest with one member replaced, or removed by null.
  std::string refusalWith(const std::string& member, const boost::json::value& value) {
    auto manifest = parseJson(good).as_object();
    if (value.is_null())
      manifest.erase(member);
    else
      manifest[member] = value;
    return refusalOf(boost::json::serialize(manifest));
  }

  static constexpr const char* good =
      R"({"id":"p","version":"1.0.0","abi":1,"library":"libp.so","name":"P","capabilities":["directory/1"],
          "serverTypes":[{"type":"p","kind":"k","label":"P","capability":"directory/1",
          "settings":{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","maximum":9}}}}]})";
  const tests::TemporaryFolder temporary_{"manifest"};
  const fs::path folder_ = temporary_.path();
};

TEST_F(PluginManifest, IsAcceptedWhenItFits) {
  EXPECT_EQ(refusalOf(good), "");
}

TEST_F(PluginManifest, TellsEachFaultApart) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refusalOf("{\"id\":"), HasSubstr("is not JSON"));
  EXPECT_THAT(refusalWith("id", nullptr), HasSubstr("/id is missing"));
  EXPECT_THAT(refusalWith("librery", "x"), HasSubstr("/librery \"x\" is not known; did you mean \"library\"?"));
  EXPECT_THAT(refusalWith("library", "../evil.so"), HasSubstr("/library"));
  EXPECT_THAT(refusalWith("loop", "mine"), HasSubstr("/loop \"mine\" is not one of: lent, own"));
  EXPECT_THAT(refusalWith("abi", 2), HasSubstr("update Jackfield, or install an older release"));
  EXPECT_THAT(refusalWith("requires", {"teleport/1"}), HasSubstr("requires service teleport/1"));
  EXPECT_THAT(refusalWith("capabilities", {"directory/1", "telepathy/1"}), HasSubstr("offers capability telepathy/1"));
  EXPECT_THAT(refusalWith("capabilities", {"directory/1", "call-control/2"}),
              HasSubstr("this host speaks call-control/1"));
  EXPECT_THAT(refusalWith("capabilities", {"call-control/1"}), HasSubstr("which \"capabilities\" does not list"));
}

TEST_F(PluginManifest, RefusesADefaultThatBreaksItsOwnRule) {
  std::string text = good;
  text.replace(text.find("\"maximum\":9"), 11, "\"maximum\":9,\"default\":10");
  EXPECT_THAT(refusalOf(text), ::testing::HasSubstr("the default of /n, 10, is above 9"));
}

// Settings that are no JSON Schema: the plugin is refused, the host goes on.
TEST_F(PluginManifest, RefusesASchemaThatIsNone) {
  for (const char* wrong : {"\"type\":\"integr\"", "\"maximum\":\"nine\"", "\"$ref\":\"#/nowhere\"", "\"enum\":7",
                            "\"required\":7", "\"properties\":[]"}) {
    std::string text = good;
    text.replace(text.find("\"type\":\"integer\",\"maximum\":9"), 28, wrong);
    EXPECT_THAT(refusalOf(text), ::testing::HasSubstr("settings of server type p: not a usable JSON Schema")) << wrong;
  }
}

TEST_F(PluginManifest, NamesAMissingLibrary) {
  std::ofstream(folder_ / "p/plugin.json") << good;
  Recorder recorder;
  PluginManager manager(folder_, PLUGIN_HOST, Hosting::inHost, recorder);
  manager.add({"p", "p", {}, std::nullopt});
  manager.start("p");
  ASSERT_TRUE(recorder.waitState("p", LifeState::stopped));
  EXPECT_THAT(manager.instance("p").reason, ::testing::HasSubstr("names the library libp.so, but there is no"));
}

}  // namespace
}  // namespace jackfield::kernel::testing
