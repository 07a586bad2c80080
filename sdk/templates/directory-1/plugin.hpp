// SPDX-License-Identifier: Apache-2.0
// sample-directory: a directory for Jackfield. This sample holds its people itself. Put your protocol where a comment
// says "far server"; what Jackfield sees stays as it is.
#ifndef SAMPLE_DIRECTORY_PLUGIN_HPP
#define SAMPLE_DIRECTORY_PLUGIN_HPP

#include <string>
#include <vector>

#include <jackfield/directory.hpp>
#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

namespace sample_directory {

namespace dir = jackfield::directory;

struct Settings {
  std::string host = "127.0.0.1";
  std::string domain = "sample.test";
};
BOOST_DESCRIBE_STRUCT(Settings, (), (host, domain))

class SampleDirectory final : public jackfield::Plugin<Settings> {
 public:
  SampleDirectory();
  void configure() override;
  void start() override;

 private:
  dir::Authenticated authenticate(const dir::Authenticate& request) const;
  void sync(const dir::Sync& request, jackfield::Responder responder) const;
  jackfield::server::TestResult test() const;
  std::vector<dir::Person> people() const;
};

}  // namespace sample_directory

#endif
