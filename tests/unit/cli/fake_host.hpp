// SPDX-License-Identifier: Apache-2.0
// A small real HTTP server in the place of jackfieldd: answers that a test lays down, requests that it can look at.
#ifndef JACKFIELD_TESTS_UNIT_CLI_FAKE_HOST_HPP
#define JACKFIELD_TESTS_UNIT_CLI_FAKE_HOST_HPP

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/profile.hpp"

namespace jackfield::cli {

struct SeenRequest {
  std::string method, target, token, body;
};

class FakeHost {
 public:
  // With TLS when a certificate is given, else plain. On a free port of 127.0.0.1.
  explicit FakeHost(const std::filesystem::path& certificate = {}, const std::filesystem::path& key = {});
  ~FakeHost();

  // Answers "GET /api/v1/x" so. Without its query a target stands for every query. Several answers for one target are
  // given one after the other; the last one stays.
  void answer(const std::string& request, int status, const std::string& body);
  // Text frames of the event stream, one list for each connection that is made.
  void stream(const std::vector<std::string>& frames);

  std::string url() const;
  std::vector<SeenRequest> seen() const;
  // The last request with this method.
  SeenRequest last(const std::string& method) const;

  struct State;

 private:
  struct Server;
  std::shared_ptr<State> state_;
  std::unique_ptr<Server> server_;
};

// What a run of the command left behind.
struct Ran {
  int code = -1;
  std::string out, err;
};
// Runs the command against a host, with a token unless the variables have one, and no profile file.
Ran runAgainst(const FakeHost& host, std::vector<std::string> arguments, Variables variables = {},
               const std::string& input = {});

// A folder that is gone with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace jackfield::cli

#endif
