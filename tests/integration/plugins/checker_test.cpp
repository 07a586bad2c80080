// SPDX-License-Identifier: Apache-2.0
// The tool jackfield-sdk: check, conform and replay find each fault that they are there for, and pass what has none.
#include <fstream>

#include "outside.hpp"

namespace jackfield::kernel::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class SdkChecker : public PluginOutsideTheTree {
 protected:
  SdkChecker() {
    std::ofstream(source()) << parts("", "");
    write("plugin.json", manifest(""));
    write("messages.json", R"([{"code":"probe.ready","severity":"info","text":"t","cause":"c","action":"a"}])");
  }

  std::string source() const { return (scratch_.path() / "probe.c").string(); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(plugins() + "/probe");
    std::ofstream(plugins() + "/probe/" + name, std::ios::trunc) << text;
  }
  static std::string manifest(const std::string& property) {
    return R"({"id":"probe","version":"1.0.0","abi":1,"library":"libprobe.so","name":"Probe","stopMs":500,
      "capabilities":["example/1"],"serverTypes":[{"type":"probe","kind":"k","label":"P","capability":"example/1",
      "settings":{"type":"object","additionalProperties":false,"properties":{)" +
           property + "}}}]}";
  }
  // A plugin in C with something more at the top, and in start().
  static std::string parts(const std::string& top, const std::string& start) {
    return R"(#include <stdlib.h>
#include <unistd.h>
#include <jackfield/abi/entry.h>
static const jf_host* host;
static jf_view v(const char* t, uint64_t n) { jf_view out = {t, n}; return out; }
)" + top + R"(
static jf_status configure(const jf_plugin* p, jf_view s, jf_view* e) { (void)p, (void)s, (void)e; return JF_OK; }
static jf_status start(const jf_plugin* p) { (void)p;)" +
           start + R"(; host->log(host, 1, v("probe.ready", 11), v("", 0)); return JF_OK; }
static void nothing(const jf_plugin* p) { (void)p; }
static void message(const jf_plugin* p, const jf_message* m) { (void)p, (void)m; }
static jf_plugin table = {0, configure, start, nothing, nothing, message, nothing};
static const jf_plugin* create(const jf_host* h, jf_view t) { (void)t; host = h; return &table; }
const jf_plugin_entry jf_plugin_entry_1 = {JF_ABI_MAGIC, 1, 0, sizeof(jf_plugin_entry), {"probe", 5}, create};
)";
  }
  // Compiles the source and gives what the checker says of it.
  std::string verdict(const std::vector<std::string>& flags = {"-fvisibility=hidden"}) const {
    std::vector<std::string> command{
        C_PROGRAM, "-fPIC", "-shared", "-I" + prefix() + "/include", source(), "-o", plugins() + "/probe/libprobe.so"};
    command.insert(command.end(), flags.begin(), flags.end());
    sh(command);
    return check();
  }
  std::string check(const std::string& options = "--times 3") const { return tool("check " + options + " " + probe()); }
  // What the tool says, whether it finds a fault or not.
  std::string tool(const std::string& arguments) const {
    return sh({"sh", "-c", prefix() + "/bin/jackfield-sdk " + arguments + " 2>&1 || echo it ended with $?"});
  }
  std::string probe() const { return plugins() + "/probe"; }
};

TEST_F(SdkChecker, PassesAPluginWithoutFault) {
  const auto said = verdict();
  EXPECT_THAT(said, Not(HasSubstr("FAULT"))) << said;
  EXPECT_THAT(said, HasSubstr("probe: 3 times from create to destroy"));
}

TEST_F(SdkChecker, FindsWhatIsWrongWithTheLibrary) {
  verdict();
  std::ofstream(source()) << parts("int left_open(void) { return 1; }", "");
  EXPECT_THAT(verdict({}), HasSubstr("exports 1 symbols beside jf_plugin_entry_1, such as left_open"));
  std::ofstream(source()) << parts("", "");
  EXPECT_THAT(verdict({"-fvisibility=hidden", "-Wl,--no-as-needed", "-lz"}), HasSubstr("needs libz.so.1"));
  EXPECT_THAT(verdict({"-fvisibility=hidden", "-Wl,-rpath,/opt/acme"}), HasSubstr("looks for libraries in /opt/acme"));
  EXPECT_THAT(verdict({"-fvisibility=hidden", "-zexecstack"}), HasSubstr("wants an executable stack"));
  fs::permissions(plugins() + "/probe/libprobe.so", fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(check(), HasSubstr("chmod o-w"));
}

TEST_F(SdkChecker, FindsWhatIsWrongWithTheDocuments) {
  verdict();
  write("plugin.json", manifest(R"("n":{"type":"integer","maximum":9,"default":10})"));
  EXPECT_THAT(check(), HasSubstr("the default of /n, 10, is above 9"));
  write("plugin.json", manifest(R"("n":{"type":"integr"})"));
  EXPECT_THAT(check(), HasSubstr("not a usable JSON Schema"));
  write("plugin.json", manifest(""));
  write("messages.json", R"([{"code":"probe.other","severity":"info","text":"t","cause":"c","action":"a"}])");
  EXPECT_THAT(check(), HasSubstr("probe.ready, which stands in no entry of messages.json"));
  write("messages.json", R"([{"code":"probe.ready","severity":"error","text":"t","cause":"","action":"a"}])");
  EXPECT_THAT(check(), HasSubstr("a warning or error says its cause and what to do"));
}

TEST_F(SdkChecker, FindsWhatIsWrongInItsLife) {
  std::ofstream(source()) << parts("", "abort()");
  EXPECT_THAT(verdict(), HasSubstr("turn 1 of 3: it did not start: its process was ended by signal"));
  std::ofstream(source()) << parts("", "return JF_E_UNREACHABLE");
  EXPECT_THAT(verdict(), HasSubstr("turn 1 of 3: it did not start"));
}

TEST_F(SdkChecker, FindsMemoryErrorsByTheSanitizer) {
  const std::vector<std::string> flags{"-fvisibility=hidden", "-fsanitize=address", "-g"};
  verdict(flags);
  EXPECT_THAT(check("--sanitize"), HasSubstr("libasan found nothing in 10 lives"));
  std::ofstream(source()) << parts("", "char* volatile room = malloc(4); room[4] = 1; free(room)");
  verdict(flags);
  EXPECT_THAT(check("--sanitize"), HasSubstr("heap-buffer-overflow"));
}

TEST_F(SdkChecker, SuiteFindsAPluginThatKeepsNoPromise) {
  verdict();
  std::ofstream(scratch_.path() / "facts.json") << R"({"connectSeconds": 1, "testSeconds": 1})";
  const auto said = tool("conform " + probe() + " --facts " + (scratch_.path() / "facts.json").string());
  EXPECT_THAT(said, HasSubstr("FAULT  server/1 says_its_state"));
  EXPECT_THAT(said, HasSubstr("FAULT  server/1 tests_unsaved"));
  EXPECT_THAT(said, HasSubstr("it ended with 1"));
}

TEST_F(SdkChecker, ReplaySeesWhatIsNotAsItWas) {
  cmake(examples() + "/plain-c");
  const std::string echo = plugins() + "/echo", kept = (scratch_.path() / "kept").string();
  const std::string script = (scratch_.path() / "script").string();
  std::ofstream(script) << R"({"wait": "server/1.state"})"
                        << "\n"
                        << R"({"ask": "example/1.echo", "body": {"a": 1}})"
                        << "\n";
  EXPECT_THAT(tool("record " + echo + " " + script + " --output " + kept), HasSubstr("2 steps recorded"));
  EXPECT_THAT(tool("replay " + echo + " " + kept), HasSubstr("2 steps replayed, 0 differences"));
  sh({"sed", "-i", R"sed(s/"said": \(.*\)"a": 1/"said": \1"a": 2/)sed", kept});
  const auto said = tool("replay " + echo + " " + kept);
  EXPECT_THAT(said, HasSubstr("/body/a is 1, was 2"));
  EXPECT_THAT(said, HasSubstr("it ended with 1"));
}

}  // namespace
}  // namespace jackfield::kernel::testing
