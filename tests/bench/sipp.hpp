// SPDX-License-Identifier: Apache-2.0
// sipp as call server and phones, with the scenarios of tests/peers/sipp, and the times that they write down.
#ifndef JACKFIELD_BENCH_SIPP_HPP
#define JACKFIELD_BENCH_SIPP_HPP

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/site.hpp"
#include "support/process.hpp"

namespace jackfield::bench {

inline std::vector<std::string> sippCommand(const std::string& scenario, int port, const std::filesystem::path& log) {
  return {"sipp",
          "-sf",
          std::string(JACKFIELD_PEERS) + "/sipp/" + scenario,
          "-i",
          "127.0.0.1",
          "-p",
          std::to_string(port),
          "-t",
          "u1",
          "-nostdin",
          "-buff_size",
          "4194304",
          "-trace_logs",
          "-log_file",
          log.string()};
}

// Phones on a port of their own or behind a call server on it: they ring and answer after `ring_ms`. They write their
// times to "called.log" in `folder`.
inline std::unique_ptr<tests::Process> startPhones(int port, const std::filesystem::path& folder, int ring_ms) {
  auto command = sippCommand("called.xml", port, folder / "called.log");
  // Jackfield's probes are answered by -aa.
  for (const char* more : {"127.0.0.1", "-aa", "-d"}) command.emplace_back(more);
  command.push_back(std::to_string(ring_ms));
  return std::make_unique<tests::Process>(command, folder / "called.out");
}
// As the site's call server.
inline std::unique_ptr<tests::Process> startPhones(const Site& site, int ring_ms) {
  return startPhones(site.callServerPort(), site.folder(), ring_ms);
}

struct CallLoad {
  std::size_t per_second = 200;
  std::size_t calls = 0;
  std::size_t talk_ms = 5000;
  std::vector<std::size_t> users;  // who calls, in turns
};

// The call server that sends its users' calls to Jackfield. Writes its times to "caller.log".
inline std::unique_ptr<tests::Process> startCallers(const Site& site, const CallLoad& load) {
  const auto users = site.folder() / "callers.csv";
  {
    std::ofstream out(users);
    out << "SEQUENTIAL\n";
    for (const auto user : load.users) out << Site::extension(user) << '\n';
  }
  auto command = sippCommand("callers.xml", tests::freePort(), site.folder() / "caller.log");
  const auto add = [&](const std::string& name, const std::string& value) {
    command.push_back(name);
    command.push_back(value);
  };
  command.push_back("127.0.0.1:" + std::to_string(site.sipPort()));
  add("-r", std::to_string(load.per_second));
  add("-m", std::to_string(load.calls));
  add("-l", "100000");
  add("-d", std::to_string(load.talk_ms));
  add("-inf", users.string());
  command.insert(command.end(), {"-key", "next", "127.0.0.1:" + std::to_string(site.callServerPort())});
  return std::make_unique<tests::Process>(command, site.folder() / "caller.out");
}

// When `what` was said, in microseconds since 1970, by the key that the scenario gives it.
inline std::unordered_map<std::string, std::int64_t> timesOf(const std::filesystem::path& log,
                                                             const std::string& what) {
  std::unordered_map<std::string, std::int64_t> out;
  std::ifstream in(log);
  std::string word, key;
  double seconds = 0, microseconds = 0;
  while (in >> word >> key >> seconds >> microseconds)
    if (word == what)
      out.emplace(key, static_cast<std::int64_t>(seconds) * 1000000 + static_cast<std::int64_t>(microseconds));
  return out;
}

}  // namespace jackfield::bench

#endif
