// SPDX-License-Identifier: Apache-2.0
// Kamailio as the site's call server, with the fragment that the plugin ships, and sipp as its phones, which register
// and show their passwords.
#ifndef JACKFIELD_BENCH_KAMAILIO_HPP
#define JACKFIELD_BENCH_KAMAILIO_HPP

#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/sipp.hpp"
#include "bench/site.hpp"

namespace jackfield::bench {

class Kamailio {
 public:
  // People `first` to `first + pairs - 1` call, the `pairs` behind them are called and register here.
  Kamailio(const Site& site, std::size_t first, std::size_t pairs, int ring_ms) : Kamailio(site, first, pairs) {
    std::vector<std::string> start{script("start"),
                                   folder_.string(),
                                   std::to_string(site.callServerPort()),
                                   std::to_string(tests::freePort()),
                                   "127.0.0.1:" + std::to_string(site.sipPort()),
                                   Site::domain};
    for (std::size_t i = 0; i < 2 * pairs; ++i) start.push_back(Site::extension(first + i) + ":secret");
    tests::run(start, site.folder() / "kamailio.out");
    phones_ = startPhones(phones_port_, site.folder(), ring_ms);
    // As phones do: whoever finds the registrar's database locked comes again.
    for (int tries = 1; !registerPhones(); ++tries)
      if (tries == most_tries) throw std::runtime_error("phones cannot register");
  }
  ~Kamailio() {
    try {
      tests::run({script("stop"), folder_.string()}, site_.folder() / "kamailio.out");
    } catch (const std::exception&) {
      // It ends with the machine; the next bench has other ports.
    }
  }

  std::unique_ptr<tests::Process> startCallers(const CallLoad& load) const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < pairs_; ++i)
      lines.push_back(withPassword(first_ + i) + ";" + Site::extension(first_ + pairs_ + i));
    auto command = phoneCommand("phone.xml", lines);
    command.insert(command.end(), {"-r", std::to_string(load.per_second), "-m", std::to_string(load.calls), "-l",
                                   "100000", "-d", std::to_string(load.talk_ms)});
    return std::make_unique<tests::Process>(command, site_.folder() / "phone.out");
  }

 private:
  // Delegated to, so that what the other one has started ends when it throws.
  Kamailio(const Site& site, std::size_t first, std::size_t pairs)
      : site_(site), folder_(site.folder() / "kamailio"), first_(first), pairs_(pairs) {}
  static std::string script(const std::string& name) { return std::string(JACKFIELD_PEERS) + "/kamailio/" + name; }
  static std::string withPassword(std::size_t person) {
    const auto user = Site::extension(person);
    return user + ";[authentication username=" + user + " password=secret]";
  }

  std::vector<std::string> phoneCommand(const std::string& scenario, const std::vector<std::string>& lines) const {
    const auto users = site_.folder() / (scenario + ".csv");
    std::ofstream out(users);
    out << "SEQUENTIAL\n";
    for (const auto& line : lines) out << line << '\n';
    auto command = sippCommand(scenario, tests::freePort(), site_.folder() / (scenario + ".log"));
    command.insert(command.end(),
                   {"127.0.0.1:" + std::to_string(site_.callServerPort()), "-inf", users.string(), "-key", "domain",
                    Site::domain, "-key", "phone", "127.0.0.1:" + std::to_string(phones_port_)});
    return command;
  }

  bool registerPhones() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < pairs_; ++i) lines.push_back(withPassword(first_ + pairs_ + i));
    auto command = phoneCommand("register.xml", lines);
    command.insert(command.end(), {"-r", "25", "-m", std::to_string(pairs_)});
    tests::Process phones(command, site_.folder() / "register.out");
    return phones.wait(std::chrono::seconds(60)) == 0;
  }

  static constexpr int most_tries = 5;
  const Site& site_;
  const std::filesystem::path folder_;
  const std::size_t first_, pairs_;
  const int phones_port_ = tests::freePort();
  std::unique_ptr<tests::Process> phones_;
};

}  // namespace jackfield::bench

#endif
