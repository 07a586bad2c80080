// SPDX-License-Identifier: Apache-2.0
// A directory of 100,000 people from a real slapd through the plugin's own process into the store of a real
// jackfieldd, beside ldapsearch that prints the same entries to a file; then the same again without a change.
// usage: bench_directory_sync PROGRAMS PEERS [ENTRIES] [none|startTls|ldaps]
#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "measure.hpp"
#include "support/directory_site.hpp"

using namespace jackfield;
using namespace jackfield::bench;
namespace fs = std::filesystem;

namespace {

constexpr double most_times_ldapsearch = 1.5;
constexpr double most_growth_mb = 200;
// History, audit and log of a run and the requests of this program; the entries themselves are over 100 MB.
constexpr double most_idle_mb = 0.25;

// The host and the processes of its plugins.
struct Programs {
  pid_t host = 0;
  std::vector<pid_t> plugins;

  explicit Programs(pid_t of) : host(of) {
    // A child belongs to the thread that started it.
    for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(of) + "/task")) {
      std::ifstream in(thread.path() / "children");
      for (pid_t child = 0; in >> child;) plugins.push_back(child);
    }
  }
  std::vector<pid_t> all() const {
    auto out = plugins;
    out.push_back(host);
    return out;
  }
};

// A line of /proc/PID/NAME, "key: number ...".
double procLine(pid_t pid, const char* name, const std::string& key) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + name);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr);
  return 0;
}

double residentMb(const std::vector<pid_t>& pids, const char* key) {
  double sum = 0;
  for (const pid_t pid : pids) sum += procLine(pid, "status", key) * 1024 / 1e6;
  return sum;
}
void forgetPeaks(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << "5";
}

// All that a process has written: files, sockets, log.
double writtenMb(pid_t pid) {
  return procLine(pid, "io", "wchar:") / 1e6;
}

// Until the search index has followed and the disk has what is written.
void settle(pid_t host) {
  double before = -1;
  double now = writtenMb(host);
  while (now > before + 0.01) {
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    now = writtenMb(host);
  }
}

struct Run {
  double wall = 0, host_cpu = 0, plugin_cpu = 0, growth = 0, written = 0;
  boost::json::object shown;
  double count(const char* name) const { return shown.at(name).to_number<double>(); }
};

// From the request through the API until the API says that it is done.
Run synchronise(const tests::DirectorySite& site, const Programs& programs) {
  const auto api = site.setup();
  const auto cpu_of = [](const std::vector<pid_t>& pids) {
    double sum = 0;
    for (const pid_t pid : pids) sum += cpuSecondsOf(pid);
    return sum;
  };
  forgetPeaks(programs.all());
  const double before = residentMb(programs.all(), "VmRSS:");
  const double host_cpu = cpu_of({programs.host}), plugin_cpu = cpu_of(programs.plugins);
  const double written = writtenMb(programs.host);
  const double start = wallSeconds();
  auto answer = api.post("/admin/directory-sync", {{"mode", "full"}});
  if (answer.status != 202) throw std::runtime_error("refused: " + boost::json::serialize(answer.body));
  const auto at = "/admin/directory-sync/" + boost::json::serialize(answer.body.at("id"));
  while (answer.body.at("state").as_string() == "running") {
    if (wallSeconds() - start > 120) throw std::runtime_error("it does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    answer = api.get(at);
  }
  Run run;
  run.wall = wallSeconds() - start;
  run.host_cpu = cpu_of({programs.host}) - host_cpu;
  run.plugin_cpu = cpu_of(programs.plugins) - plugin_cpu;
  run.growth = residentMb(programs.all(), "VmHWM:") - before;
  run.written = writtenMb(programs.host) - written;
  run.shown = answer.body.as_object();
  return run;
}

// Gives the seconds that ldapsearch needs.
double print(const tests::DirectorySite& site, const std::string& security) {
  const auto settings = site.configuration().at("servers").at(0).at("settings");
  const auto& server = settings.at("user").at("servers").at(0);
  const std::string uri = (security == "ldaps" ? "ldaps" : "ldap") + std::string("://127.0.0.1:") +
                          boost::json::serialize(server.at("port"));
  const std::string command = "LDAPTLS_CACERT=" + (site.folder() / "slapd/ca.pem").string() +
                              " ldapsearch -LLL -x -H " + uri + (security == "startTls" ? " -ZZ" : "") +
                              " -D 'cn=jackfield,ou=services," + site.slapd().suffix() +
                              "' -w demo-service -E pr=1000/noprompt -b '" + site.slapd().suffix() +
                              "' '(objectClass=inetOrgPerson)' > " + (site.folder() / "printed.ldif").string();
  const double start = wallSeconds();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("ldapsearch failed");
  return wallSeconds() - start;
}

double found(const tests::DirectorySite& site, const std::string& text) {
  const auto answer = site.setup().get("/admin/users?limit=1&search=" + text);
  return answer.body.at("total").to_number<double>();
}

// A fresh Jackfield on the directory, with ldapsearch before and after.
struct Round {
  double search = 0, index = 0;
  bool searchable = false;
  Run first, second;
};

Round measure(tests::DirectorySite& site, const std::string& security) {
  const Programs programs(site.host().process().pid());
  print(site, security);  // fills the server's cache
  std::vector<double> printed{print(site, security), print(site, security)};
  Round round;
  round.first = synchronise(site, programs);
  const double began = wallSeconds();
  round.searchable = found(site, "Adler") > 0;
  round.index = wallSeconds() - began;
  settle(programs.host);
  round.second = synchronise(site, programs);
  for (int i = 0; i < 2; ++i) printed.push_back(print(site, security));
  round.search = percentile(printed, 0.5);
  return round;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_directory_sync PROGRAMS PEERS [ENTRIES] [none|startTls|ldaps]\n");
    return 2;
  }
  const int entries = argc > 3 ? std::atoi(argv[3]) : 100'000;
  const std::string security = argc > 4 ? argv[4] : "none";
  const fs::path peers = argv[2];
  const tests::TemporaryFolder folder("directory-sync");
  const auto ldif = folder.path() / "people.ldif";
  tests::run({"sh", "-c", (peers / "slapd/generate").string() + " " + std::to_string(entries) + " > " + ldif.string()},
             folder.path() / "log");
  std::vector<Round> rounds;
  for (int i = 0; i < 3; ++i) {
    tests::DirectorySite site({argv[1], peers, ldif, security});
    site.configure(site.configuration());
    rounds.push_back(measure(site, security));
  }
  const auto median = [&rounds](const auto& of) {
    std::vector<double> values;
    for (const auto& round : rounds) values.push_back(of(round));
    return percentile(values, 0.5);
  };
  const auto report = [&median](const std::string& what, Run Round::*run) {
    line(what + ": wall, request to done", median([run](const Round& r) { return (r.*run).wall; }), "s");
    const bool quick =
        line("  times what ldapsearch needs", median([run](const Round& r) { return (r.*run).wall / r.search; }), "",
             most_times_ldapsearch);
    line("  CPU of the host", median([run](const Round& r) { return (r.*run).host_cpu; }), "s");
    line("  CPU of the plugin's process", median([run](const Round& r) { return (r.*run).plugin_cpu; }), "s");
    return line("  resident growth of both, at the peak", median([run](const Round& r) { return (r.*run).growth; }),
                "MB", most_growth_mb) &&
           quick;
  };

  bool good = std::all_of(rounds.begin(), rounds.end(), [entries](const Round& r) {
    return r.searchable && r.first.count("added") == entries && r.second.count("unchanged") == entries;
  });
  line("medians of 3 rounds; ldapsearch prints " + std::to_string(entries) + " entries (" + security + ")",
       median([](const Round& r) { return r.search; }), "s");
  good &= report("first synchronisation, all new", &Round::first);
  line("  written by the host", median([](const Round& r) { return r.first.written; }), "MB");
  line("  wall of the first search after it, which waits for the index", median([](const Round& r) { return r.index; }),
       "s");
  good &= report("second synchronisation, all unchanged", &Round::second);
  good &= line("  written by the host, sockets and log included",
               median([](const Round& r) { return r.second.written; }), "MB", most_idle_mb);
  return good ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
