// SPDX-License-Identifier: Apache-2.0
// Options, sign-in and the password prompt.
#include "cli/context.hpp"

#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include <termios.h>
#include <unistd.h>

#include "cli/yaml.hpp"

namespace jackfield::cli {

namespace {

constexpr const char* usualServer = "https://127.0.0.1:8443";

// Switches the terminal's echo off for a while; does nothing when standard input is none.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  bool active() const { return active_; }

 private:
  termios before_{};
  bool active_ = false;
};

}  // namespace

Context::Context(Streams with, Variables given) : streams(with), variables(std::move(given)) {}

Context::~Context() {
  if (!own_token_) return;
  try {
    client_->remove("session");
  } catch (const std::exception& error) {
    streams.err << "jackfield: the token of this command was not revoked: " << error.what() << "\n";
  }
}

Profile Context::profile() const {
  Profile profile = loadProfile(profileFile(variables), variables);
  if (!server.empty()) profile.server = server;
  if (!token.empty()) profile.token = token;
  if (!ca.empty()) profile.ca = ca;
  if (profile.server.empty()) profile.server = usualServer;
  return profile;
}

Client& Context::client() {
  if (client_) return *client_;
  client_ = std::make_unique<Client>(profile());
  if (!login.empty()) {
    client_->useToken({});
    client_->useToken(newToken(*client_, login, password(login)));
    own_token_ = true;
  }
  return *client_;
}

std::string Context::password(const std::string& name) {
  if (const auto given = variables.find("JACKFIELD_PASSWORD"); given != variables.end()) return given->second;
  auto typed = secret(name);
  if (typed.empty())
    throw Failure(ExitCode::usage, "no password was given: type it, or set JACKFIELD_PASSWORD, or pipe it in");
  return typed;
}

std::string Context::secret(const std::string& what) {
  const SilentTerminal silent;
  if (silent.active()) streams.err << "Password of " << what << ": " << std::flush;
  std::string line;
  std::getline(streams.in, line);
  if (silent.active()) streams.err << "\n";
  return line;
}

boost::json::value Context::document(const std::string& file) {
  if (file == "-") return fromYaml({std::istreambuf_iterator<char>(streams.in), {}}, file);
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && text.empty()) throw Failure(ExitCode::usage, file + " cannot be read");
  return fromYaml(text, file);
}

std::string newToken(Client& client, const std::string& login, const std::string& password) {
  const auto answer =
      client.post("tokens", {{"login", login}, {"password", password}, {"note", "the jackfield command"}});
  return textAt(answer, "/token");
}

}  // namespace jackfield::cli
