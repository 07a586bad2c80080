// SPDX-License-Identifier: Apache-2.0
// The store with 100,000 directory entries: first and second synchronisation, memory, search and look-ups.
// usage: bench_people_search [ENTRIES] (bounds hold for 100,000 in a release build)
#include <cstdlib>
#include <filesystem>
#include <random>

#include "measure.hpp"
#include "store/people.hpp"
#include "store/schema.hpp"

using namespace jackfield;
using namespace jackfield::store;
using namespace jackfield::bench;

namespace {

const std::vector<std::string> given = {"Anna", "Bernd", "Carla", "David", "Eva",    "Frank", "Greta", "Hans",
                                        "Ines", "Jonas", "Karla", "Lars",  "Maria",  "Nils",  "Olga",  "Peter",
                                        "Rosa", "Sven",  "Tina",  "Ulf",   "Verena", "Willi", "Xenia", "Yannick"};
const std::vector<std::string> syllables = {"ba", "ker", "di", "mann", "fu", "schmi", "ga", "ler", "ho",  "ja",
                                            "ko", "li",  "ma", "nei",  "o",  "per",   "ri", "sen", "tau", "wei"};

std::vector<directory::Person> makePeople(int count) {
  std::mt19937 random(7);
  const auto pick = [&random](const auto& from) { return from[random() % from.size()]; };
  std::vector<directory::Person> out;
  for (int i = 0; i < count; ++i) {
    directory::Person p;
    char id[64];
    std::snprintf(id, sizeof id, "%08x-0000-4000-8000-%012x", i * 2654435761U, i);
    p.id = id;
    p.given_name = pick(given);
    p.surname = pick(syllables) + pick(syllables) + pick(syllables);
    p.surname[0] = static_cast<char>(p.surname[0] - 'a' + 'A');
    p.name = p.given_name + " " + p.surname;
    p.login = "u" + std::to_string(100000 + i);
    p.dn = "uid=" + p.login + ",ou=people,ou=" + std::to_string(i % 200) + ",dc=site,dc=test";
    p.mail = p.given_name + "." + p.surname + std::to_string(i) + "@site.test";
    p.title = "Engineer " + std::to_string(i % 50);
    p.department = "Department " + std::to_string(i % 200);
    p.company = "Site";
    p.location = i % 3 == 0 ? "Munich" : "Berlin";
    p.extension = std::to_string(200000 + i);
    p.numbers = {{directory::NumberKind::office, "+49 89 5" + std::to_string(200000 + i)},
                 {directory::NumberKind::mobile, "+49 171 " + std::to_string(3000000 + i)}};
    if (i % 25 == 0) p.roles = {"user"};
    out.push_back(std::move(p));
  }
  return out;
}

SyncCounts synchronise(People& people, const std::vector<directory::Person>& entries) {
  SyncOptions options;
  options.default_telephony_server = "pbx";
  auto run = people.beginSync("ldap", directory::SyncMode::full, options);
  for (std::size_t at = 0; at < entries.size(); at += 500) {
    directory::SyncPart part;
    const auto end = std::min(entries.size(), at + 500);
    part.entries.assign(entries.begin() + static_cast<std::ptrdiff_t>(at),
                        entries.begin() + static_cast<std::ptrdiff_t>(end));
    run.add(part);
  }
  return run.finish("cursor");
}

// What people type: beginnings of names, both names, numbers, now and then a single letter.
std::vector<std::string> makeQuestions(const std::vector<directory::Person>& entries) {
  std::mt19937 random(11);
  std::vector<std::string> out;
  for (int i = 0; i < 2000; ++i) {
    const auto& p = entries[random() % entries.size()];
    switch (i % 10) {
      case 0:
        out.push_back(p.given_name.substr(0, 1));
        break;
      case 1:
        out.push_back(p.given_name);
        break;
      case 2:
        out.push_back(p.surname + " " + p.given_name.substr(0, 2));
        break;
      case 3:
        out.push_back(p.extension);
        break;
      case 4:
        out.push_back(p.numbers[0].value);
        break;
      case 5:
        out.push_back(p.mail);
        break;
      default:
        out.push_back(p.surname.substr(0, 2 + random() % 5));
    }
  }
  return out;
}

// Milliseconds of CPU: the machine may be busy with other things.
template <class Action>
std::vector<double> timed(std::size_t count, Action action) {
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double began = threadCpuSeconds();
    action(i);
    out.push_back((threadCpuSeconds() - began) * 1000);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const auto folder = std::filesystem::temp_directory_path() / ("jackfield-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  bool good = true;
  {
    const auto entries = makePeople(count);
    const double memory = residentMegabytes();
    Database database(folder / "main.db", mainSchema());
    People people(database);

    double cpu = cpuSeconds();
    double wall = wallSeconds();
    const auto first = synchronise(people, entries);
    line("first synchronisation: entries", static_cast<double>(first.added), "");
    line("  wall until visible and on disk", wallSeconds() - wall, "s");
    people.search("nobody", 1, 0);
    line("  wall until searchable", wallSeconds() - wall, "s");
    good &= line("  CPU per entry", (cpuSeconds() - cpu) * 1e6 / count, "us", 60);
    line("  longest hold of the writer", static_cast<double>(database.figures().longest_us) / 1000, "ms");
    good &= line("  resident growth", residentMegabytes() - memory, "MB", 200);

    const auto writes = database.figures().writes;
    cpu = cpuSeconds();
    wall = wallSeconds();
    const auto second = synchronise(people, entries);
    line("second synchronisation: unchanged", static_cast<double>(second.unchanged), "");
    line("  wall", wallSeconds() - wall, "s");
    good &= line("  CPU per entry", (cpuSeconds() - cpu) * 1e6 / count, "us", 15);
    good &= line("  writes", static_cast<double>(database.figures().writes - writes), "", 0.5);

    const auto questions = makeQuestions(entries);
    double most = 0;
    const auto searched = timed(questions.size(), [&](std::size_t i) {
      most = std::max(most, static_cast<double>(people.search(questions[i], 50, 0).total));
    });
    line("search: CPU, 50th percentile", percentile(searched, 0.5), "ms");
    good &= line("search: CPU, 99th percentile", percentile(searched, 0.99), "ms", 50);
    line("search: CPU, longest (largest answer " + std::to_string(static_cast<int>(most)) + ")",
         percentile(searched, 1), "ms");
    const auto everybody = timed(20, [&](std::size_t) { people.search("site.test", 50, 0); });
    good &= line("search that finds everybody: CPU, 50th percentile", percentile(everybody, 0.5), "ms", 50);
    const auto users = timed(200, [&](std::size_t i) { people.users(questions[i], 50, 0); });
    line("search of users: CPU, 99th percentile", percentile(users, 0.99), "ms");

    cpu = cpuSeconds();
    int named = 0;
    for (int i = 0; i < count; ++i) named += people.byNumber("089 5" + std::to_string(200000 + i)) ? 1 : 0;
    good &= line("name of a number", (cpuSeconds() - cpu) * 1e6 / count, "us", 20);
    good &= named == count;
    cpu = cpuSeconds();
    int owners = 0;
    for (int i = 0; i < count; i += 25) owners += people.userOf("pbx", std::to_string(200000 + i)) ? 1 : 0;
    line("user of an extension", (cpuSeconds() - cpu) * 1e6 * 25 / count, "us");
    good &= owners == (count + 24) / 25;
  }
  {
    const double wall = wallSeconds();
    Database database(folder / "main.db", mainSchema());
    People people(database);
    line("start with these entries", (wallSeconds() - wall) * 1000, "ms");
    good &= people.search("", 1, 0).total == static_cast<std::uint64_t>(count);
  }
  std::filesystem::remove_all(folder);
  return good ? 0 : 1;
}
