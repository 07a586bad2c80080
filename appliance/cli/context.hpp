// SPDX-License-Identifier: Apache-2.0
// What every command works with: the person's options, the streams, and the connection, made when it is first needed.
#ifndef JACKFIELD_CLI_CONTEXT_HPP
#define JACKFIELD_CLI_CONTEXT_HPP

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "cli/client.hpp"
#include "cli/output.hpp"

namespace jackfield::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;  // results
  std::ostream& err;  // errors and progress
};

class Context {
 public:
  Context(Streams with, Variables variables);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Streams streams;
  Variables variables;
  // Filled by the command line; empty ones leave the profile's.
  std::string server, token, ca, login;
  Format format = Format::table;
  // What the chosen command does; returns its exit code.
  std::function<ExitCode()> action;

  Client& client();
  // The profile with the command line's options in it.
  Profile profile() const;
  // $JACKFIELD_PASSWORD, else asked for without echo on the terminal, else the first line of standard input.
  std::string password(const std::string& login);
  // Asked for in the same way, but never taken from the environment: "Password of WHAT".
  std::string secret(const std::string& what);
  // The YAML or JSON document in a file; "-": on standard input.
  boost::json::value document(const std::string& file);
  void print(const boost::json::value& document, const std::string& list, const std::vector<Column>& columns) {
    cli::print(streams.out, format, document, list, columns);
  }
  void printOne(const boost::json::value& document, const std::vector<Column>& columns) {
    cli::printOne(streams.out, format, document, columns);
  }

 private:
  std::unique_ptr<Client> client_;
  bool own_token_ = false;  // made for this one command by --login; revoked at its end
};

// A token from POST /tokens.
std::string newToken(Client& client, const std::string& login, const std::string& password);

}  // namespace jackfield::cli

#endif
