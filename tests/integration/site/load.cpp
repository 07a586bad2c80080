// SPDX-License-Identifier: Apache-2.0
// The scenarios of tests/peers/sipp, with the people of this site.
#include "load.hpp"

#include <fstream>
#include <sstream>

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;

std::string withPeopleOfTheSite(std::string scenario) {
  for (const auto& [theirs, ours] :
       {std::pair{"sip:1000@site.test", "sip:1001@brightwater.test"}, std::pair{"@site.test", "@brightwater.test"}}) {
    for (auto at = scenario.find(theirs); at != std::string::npos; at = scenario.find(theirs, at))
      scenario.replace(at, std::string_view(theirs).size(), ours);
  }
  return scenario;
}

fs::path scenarioFor(const Site& site, const std::string& name) {
  std::ifstream in(fs::path(JACKFIELD_PEERS) / "sipp" / name);
  std::ostringstream text;
  text << in.rdbuf();
  fs::path file = site.folder() / name;
  std::ofstream(file) << withPeopleOfTheSite(text.str());
  return file;
}

}  // namespace

CallLoad::CallLoad(const Site& site, int calls_a_second, std::chrono::milliseconds talk) {
  const int called_port = freePort();
  const auto sipp = [&](const std::string& scenario, int port, std::vector<std::string> more) {
    std::vector<std::string> arguments{"sipp",
                                       "-sf",
                                       scenarioFor(site, scenario),
                                       "-i",
                                       "127.0.0.1",
                                       "-p",
                                       std::to_string(port),
                                       "-t",
                                       "u1",
                                       "-nostdin",
                                       "-aa",
                                       "-m",
                                       "1000000"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<Process>(arguments, site.folder() / (scenario + ".out"));
  };
  called_ = sipp("called.xml", called_port, {"-d", "100", "127.0.0.1"});
  caller_ = sipp("caller.xml", freePort(),
                 {"-key", "phase", "orig", "-key", "served", "1001", "-d", std::to_string(talk.count()), "-r",
                  std::to_string(calls_a_second), "-l", "1000", "-key", "next",
                  "127.0.0.1:" + std::to_string(called_port), "127.0.0.1:" + std::to_string(site.jackfieldPort())});
}

}  // namespace jackfield::tests
