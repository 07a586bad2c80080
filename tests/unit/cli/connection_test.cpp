// SPDX-License-Identifier: Apache-2.0
// Connection, certificates, sign-in, and how failures are told: exit codes and sentences.
#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.hpp"
#include "fake_host.hpp"

namespace jackfield::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* problem =
    R"({"type":"urn:jackfield:problem:x","title":"t","status":422,"detail":"The settings are wrong.",)"
    R"("code":"settings.invalid","errors":[{"pointer":"/settings/port","value":"70000","rule":"is above 65535"}]})";
constexpr const char* unauthenticated =
    R"({"type":"t","title":"t","status":401,"detail":"You are not signed in.","code":"auth.required"})";

// A self-made certificate for this name; its own authority.
void makeCertificate(const Folder& folder, const std::string& name) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x"
      " -addext 'subjectAltName=" +
      name + "' -keyout " + (folder.path() / "key.pem").string() + " -out " + (folder.path() / "cert.pem").string() +
      " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST(CliConnection, SendsTheTokenAsBearer) {
  FakeHost host;
  host.answer("GET /api/v1/admin/plugins", 200, R"({"plugins":[]})");
  EXPECT_EQ(runAgainst(host, {"plugins"}).code, 0);
  EXPECT_EQ(host.last("GET").token, "Bearer t0ken");
}

TEST(CliConnection, PrintsAProblemAsSentencesWithFieldValueAndRule) {
  FakeHost host;
  host.answer("GET /api/v1/admin/plugins", 422, problem);
  const auto ran = runAgainst(host, {"plugins"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "jackfield: The settings are wrong. [settings.invalid]\n  /settings/port: 70000 is above 65535\n");
}

TEST(CliConnection, EndsWithThreeWhenNotSignedInAndSaysHow) {
  FakeHost host;
  host.answer("GET /api/v1/admin/plugins", 401, unauthenticated);
  const auto ran = runAgainst(host, {"plugins"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("jackfield login"));
}

TEST(CliConnection, EndsWithThreeWhenNobodyListens) {
  std::string url;
  {
    const FakeHost host;
    url = host.url();
  }
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run({"--server", url, "status"}, {in, out, err}, {{"JACKFIELD_CONFIG", "/nonexistent"}}), 3);
  EXPECT_THAT(err.str(), HasSubstr(url + " cannot be reached"));
}

TEST(CliConnection, EndsWithTwoAndTheCommandsHelpForAWrongCommandLine) {
  const FakeHost host;
  using Words = std::vector<std::string>;
  for (const auto& [words, usage] : std::vector<std::pair<Words, std::string>>{
           {{}, "Usage: jackfield ["},
           {{"nonsense"}, "Usage: jackfield ["},
           {{"servers"}, "Usage: jackfield servers ["},
           {{"servers", "add"}, "Usage: jackfield servers add ["},
           {{"users", "list", "--limit", "many"}, "Usage: jackfield users list ["},
           {{"status", "--output", "xml"}, "Usage: jackfield status ["},
           {{"status", "--bogus"}, "Usage: jackfield status ["}}) {
    const auto ran = runAgainst(host, words);
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr(usage));
  }
  EXPECT_TRUE(host.seen().empty());
}

TEST(CliConnection, PrintsHelpWithSuccess) {
  const FakeHost host;
  const auto ran = runAgainst(host, {"servers", "--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("suspend"));
}

TEST(CliConnection, TellsAnAnswerThatIsNoDocumentOfJackfield) {
  FakeHost host;
  host.answer("GET /api/v1/admin/plugins", 200, "<html>a proxy's page</html>");
  const auto ran = runAgainst(host, {"plugins"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("no document of Jackfield"));
}

TEST(CliConnection, RefusesPlainHttpToAnotherMachine) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run({"--server", "http://192.0.2.1:8080", "status"}, {in, out, err}, {{"JACKFIELD_CONFIG", "/none"}}), 2);
  EXPECT_THAT(err.str(), HasSubstr("use https"));
}

TEST(CliTls, AcceptsACertificateOfTheGivenAuthorityForThisAddressOnly) {
  const Folder good;
  makeCertificate(good, "IP:127.0.0.1");
  FakeHost host(good.path() / "cert.pem", good.path() / "key.pem");
  host.answer("GET /api/v1/admin/plugins", 200, R"({"plugins":[]})");
  EXPECT_EQ(runAgainst(host, {"plugins", "--ca", good.path() / "cert.pem"}).code, 0);

  const auto untrusted = runAgainst(host, {"plugins"});
  EXPECT_EQ(untrusted.code, 3);
  EXPECT_THAT(untrusted.err, HasSubstr("--ca FILE"));

  const Folder other;
  makeCertificate(other, "IP:127.0.0.2");
  const FakeHost impostor(other.path() / "cert.pem", other.path() / "key.pem");
  EXPECT_EQ(runAgainst(impostor, {"plugins", "--ca", other.path() / "cert.pem"}).code, 3);
  EXPECT_TRUE(impostor.seen().empty());
}

TEST(CliLogin, KeepsTheTokenInAFileOfTheOwnerAlone) {
  const Folder folder;
  FakeHost host;
  host.answer("POST /api/v1/tokens", 201, R"({"token":"fresh-token","expires":1800000000000})");
  host.answer("GET /api/v1/admin/plugins", 200, R"({"plugins":[]})");
  const auto file = folder.path() / "below" / "cli.yaml";
  const auto ran = runAgainst(host, {"login", "alice"},
                              {{"JACKFIELD_CONFIG", file}, {"JACKFIELD_PASSWORD", "pa ss"}, {"JACKFIELD_TOKEN", ""}});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(host.last("POST").body, R"({"login":"alice","password":"pa ss","note":"the jackfield command"})");
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("fresh-token")));
  EXPECT_EQ(runAgainst(host, {"plugins"}, {{"JACKFIELD_CONFIG", file}, {"JACKFIELD_TOKEN", ""}}).code, 0);
  EXPECT_EQ(host.last("GET").token, "Bearer fresh-token");
}

TEST(CliLogin, TakesThePasswordFromStandardInput) {
  const Folder folder;
  FakeHost host;
  host.answer("POST /api/v1/tokens", 201, R"({"token":"x","expires":1})");
  EXPECT_EQ(runAgainst(host, {"login", "alice"}, {{"JACKFIELD_CONFIG", folder.path() / "c"}}, "typed\n").code, 0);
  EXPECT_THAT(host.last("POST").body, HasSubstr(R"("password":"typed")"));
  EXPECT_EQ(runAgainst(host, {"login", "alice"}, {{"JACKFIELD_CONFIG", folder.path() / "c"}}).code, 2);
}

TEST(CliLogin, EndsWithThreeForAWrongPassword) {
  FakeHost host;
  host.answer(
      "POST /api/v1/tokens", 401,
      R"({"type":"t","title":"t","status":401,"detail":"Login or password is wrong.","code":"auth.credentials"})");
  const auto ran = runAgainst(host, {"login", "alice"}, {{"JACKFIELD_PASSWORD", "wrong-one"}});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("Login or password is wrong."));
  EXPECT_THAT(ran.err, Not(HasSubstr("wrong-one")));
}

TEST(CliLogin, RevokesTheTokenOfASingleCommand) {
  FakeHost host;
  host.answer("POST /api/v1/tokens", 201, R"({"token":"brief","expires":1})");
  host.answer("GET /api/v1/admin/plugins", 200, R"({"plugins":[]})");
  host.answer("DELETE /api/v1/session", 204, "");
  EXPECT_EQ(runAgainst(host, {"plugins", "--login", "alice"}, {{"JACKFIELD_PASSWORD", "p"}}).code, 0);
  EXPECT_EQ(host.last("GET").token, "Bearer brief");
  EXPECT_EQ(host.last("DELETE").token, "Bearer brief");
}

}  // namespace
}  // namespace jackfield::cli
