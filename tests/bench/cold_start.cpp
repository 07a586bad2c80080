// SPDX-License-Identifier: Apache-2.0
// The host by itself with a filled store: cold_start [PEOPLE]. How long it takes from its start until /readyz says yes,
// with the files out of the page cache, and how much memory it then holds without doing anything.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <signal.h>

#include "bench/measure.hpp"
#include "store/journal.hpp"
#include "store/people.hpp"
#include "store/schema.hpp"
#include "support/process.hpp"
#include "unit/gateway/sockets.hpp"

namespace {

namespace fs = std::filesystem;
using namespace jackfield;
using namespace jackfield::bench;
using namespace std::chrono_literals;

constexpr int users = 4000;
constexpr int log_rows = 200;   // of each user
constexpr int events = 200000;  // of the last 24 hours
constexpr int live_calls = 500;
constexpr double most_idle = 100;  // MB
constexpr double most_seconds = 10;

std::string idOf(int person) {
  char id[64];
  std::snprintf(id, sizeof id, "%08x-0000-4000-8000-%012x", static_cast<unsigned>(person) * 2654435761U,
                static_cast<unsigned>(person));
  return id;
}

void fillPeople(const fs::path& data, int count) {
  store::Database database(data / "jackfield.db", store::mainSchema());
  store::People people(database);
  store::SyncOptions options;
  options.default_telephony_server = "pbx";
  auto run = people.beginSync("directory", directory::SyncMode::full, options);
  for (int at = 0; at < count; at += 500) {
    directory::SyncPart part;
    for (int i = at; i < std::min(count, at + 500); ++i) {
      directory::Person p;
      p.id = idOf(i);
      p.given_name = "Given" + std::to_string(i % 700);
      p.surname = "Family" + std::to_string(i);
      p.name = p.given_name + " " + p.surname;
      p.login = "u" + std::to_string(i);
      p.dn = "uid=" + p.login + ",ou=people,dc=site,dc=test";
      p.mail = p.login + "@site.test";
      p.department = "Department " + std::to_string(i % 200);
      p.extension = std::to_string(200000 + i);
      p.numbers = {{directory::NumberKind::office, "+49 89 5" + std::to_string(200000 + i)}};
      if (i < users) p.roles = {"user"};
      part.entries.push_back(std::move(p));
    }
    run.add(part);
  }
  run.finish("cursor");
}

store::JournalBatch oneDay(int user) {
  store::JournalBatch batch;
  batch.server = "pbx";
  for (int i = 0; i < events / users; ++i)
    batch.events.push_back({"call", "{\"body\":\"" + std::string(1500, 'x') + "\"}", {idOf(user)}});
  for (int i = 0; i < log_rows; ++i) {
    store::ContactLogEntry row;
    row.user_id = idOf(user);
    row.call = "call-" + std::to_string(user) + "-" + std::to_string(i);
    row.number = "+49891234567";
    row.name = "Somebody";
    row.started = 1'700'000'000'000;
    batch.contact_log.push_back(row);
  }
  if (user < live_calls) {
    const std::string id = "live-" + std::to_string(user);
    batch.live_calls = {{"pbx", id,
                         R"({"id":")" + id + R"(","connections":[{"device":"sip:)" + std::to_string(200000 + user) +
                             R"(@site.test","served":true}]})"}};
    batch.keep["call/" + id] = std::string(1200, 'k');
  }
  return batch;
}

void fillJournal(const fs::path& data) {
  store::Journal journal(data / "journal.db", {});
  std::atomic<int> written{0};
  for (int user = 0; user < users; ++user) {
    journal.append(oneDay(user), [&](auto, auto) { ++written; });
    while (user - written > 50) std::this_thread::sleep_for(1ms);
  }
  while (written < users) std::this_thread::sleep_for(1ms);
}

void dropFromPageCache(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
  }
}

double megabytes(const fs::path& folder) {
  double octets = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) octets += static_cast<double>(entry.file_size());
  return octets / 1e6;
}

bool ready(int port) {
  try {
    return tests::HttpClient(static_cast<std::uint16_t>(port)).ask("GET", "/readyz").status == 200;
  } catch (const std::runtime_error&) {
    return false;
  }
}

bool run(int argc, char** argv) {
  const int people = argc > 1 ? std::atoi(argv[1]) : 100000;
  const tests::TemporaryFolder folder("cold-start");
  const fs::path data = folder.path() / "data", programs = JACKFIELD_PROGRAMS;
  fs::create_directories(data);
  fs::permissions(data, fs::perms::owner_all);
  fillPeople(data, people);
  fillJournal(data);
  const int port = tests::freePort();
  std::ofstream(folder.path() / "jackfield.conf")
      << "data.folder = " << data.string() << "\nplugins.folder = " << (programs.parent_path() / "plugins").string()
      << "\nplugins.host = " << (programs / "jackfield-plugin-host").string()
      << "\nhttp.plain = true\nhttp.port = " << port
      << "\nlog.target = stderr\nlog.level = warning\nweb.folder = " << data.string() << "\n";
  dropFromPageCache(data);

  const double began = wallSeconds();
  tests::Process host({programs / "jackfieldd", "--config=" + (folder.path() / "jackfield.conf").string()},
                      folder.path() / "host.log");
  while (!ready(port) && host.running() && wallSeconds() - began < 60) std::this_thread::sleep_for(2ms);
  const double seconds = wallSeconds() - began;
  const double cpu = cpuSecondsOf(host.pid()), at_once = residentMegabytesOf(host.pid());
  std::this_thread::sleep_for(10s);
  const double idle = residentMegabytesOf(host.pid());

  const std::string name = std::to_string(people) + " people, " + std::to_string(events) + " events: ";
  line(name + "store", megabytes(data), "MB");
  bool good = line(name + "cold start", seconds, "s", most_seconds);
  line(name + "CPU of the start", cpu, "s");
  line(name + "resident when ready", at_once, "MB");
  good &= line(name + "resident idle", idle, "MB", most_idle);
  if (!host.running()) std::printf("%s\n", host.output().c_str());
  return good && host.running();
}

}  // namespace

int main(int argc, char** argv) {
  return outcome([&] { return run(argc, argv); });
}
