// SPDX-License-Identifier: Apache-2.0
// A directory of 100,000 entries: how long the plugin's stream takes beside ldapsearch, and in how much memory.
// The end-to-end figure, with the host's store, is the bench's; this one holds the plugin's share. Label `full`.
#include <chrono>
#include <iostream>

#include <sys/resource.h>

#include <jackfield/json.hpp>

#include "peer.hpp"

namespace jackfield::tests {

namespace {

double seconds(const std::function<void()>& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

long peakKilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST(DirectorySpeed, HundredThousandEntriesStreamInBoundedMemory) {
  const TemporaryFolder folder("generated");
  const auto file = folder.path() / "generated.ldif";
  run({"sh", "-c", std::string(JACKFIELD_PEERS) + "/slapd/generate 100000 > " + file.string()}, folder.path() / "log");
  const Slapd slapd(file.string());
  const auto settings = slapd.settings(directory::Security::none);
  const std::string search = "ldapsearch -LLL -x -H ldap://127.0.0.1:" + std::to_string(slapd.ldapPort()) +
                             " -D cn=jackfield,ou=services,dc=bench,dc=test -w demo-service -E pr=1000/noprompt -b "
                             "dc=bench,dc=test '(objectClass=inetOrgPerson)' > " +
                             (folder.path() / "out").string();
  const auto print = [&] { run({"sh", "-c", search}, folder.path() / "search.log"); };
  print();  // warms the server's cache
  const double printed = seconds(print);
  const long before = peakKilobytes();
  std::size_t entries = 0, octets = 0;
  const auto sink = [&](const directory::SyncPart& part) {
    entries += part.entries.size();
    octets += toJsonText(part).size();
  };
  const double streamed = seconds([&] { sink(directory::synchronise(settings, {}, sink, {})); });
  const long grown = peakKilobytes() - before;
  std::cout << "ldapsearch " << printed << " s, stream " << streamed << " s (ratio " << streamed / printed << "), "
            << octets / 1000000 << " MB of JSON, memory +" << grown / 1024 << " MB\n";
  EXPECT_EQ(entries, 100000u);
  EXPECT_LT(grown, 50 * 1024);
}

}  // namespace jackfield::tests
