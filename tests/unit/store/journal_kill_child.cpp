// SPDX-License-Identifier: Apache-2.0
// Writes to a journal without end and says on standard output what was acknowledged; the test kills it. Batch N holds
// event N, sets the record "n" and a live call to N, and logs a row when N is a multiple of ten.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include <unistd.h>

#include "store/journal.hpp"

using namespace jackfield::store;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Journal journal(argv[1], {});
  std::atomic<int> in_flight{0};
  for (long n = std::atol(argv[2]);; ++n) {
    while (in_flight > 100) std::this_thread::yield();
    const std::string text = std::to_string(n);
    JournalBatch batch;
    NewEvent event;
    event.type = "call";
    event.data = text;
    event.audience = {"ann", "user" + std::to_string(n % 50)};
    batch.events.push_back(event);
    batch.server = "pbx";
    batch.keep["n"] = text;
    batch.live_calls = {{"pbx", "n", text}};
    if (n % 10 == 0) {
      ContactLogEntry entry;
      entry.user_id = "ann";
      entry.number = text;
      batch.contact_log.push_back(entry);
    }
    ++in_flight;
    journal.append(std::move(batch), [&in_flight, text](std::vector<StoredEvent>, std::vector<ContactLogEntry>) {
      const std::string line = text + "\n";
      if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
      --in_flight;
    });
  }
}
