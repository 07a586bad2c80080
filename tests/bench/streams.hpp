// SPDX-License-Identifier: Apache-2.0
// Many clients of the event stream over TLS in a process of their own, which notes every frame that comes: one process
// may hold 20,000 sockets, and its CPU time can be told from Jackfield's.
#ifndef JACKFIELD_BENCH_STREAMS_HPP
#define JACKFIELD_BENCH_STREAMS_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace jackfield::bench {

// One event as one client got it.
struct Arrival {
  std::size_t client = 0;
  std::uint64_t sequence = 0;
  std::int64_t time_us = 0;  // since 1970
  std::string event;         // of a call "originated" ..., else the type of the frame
  std::string call;          // its id
  std::size_t number = 0;    // N of the display name "Caller N"; 0: none
};

// How the end of a stream that was not read looked when it was read at last.
struct Stalled {
  std::size_t octets = 0;
  bool closed = false;
};

class Streams {
 public:
  // Forks: to be made before this process has any thread or has used OpenSSL.
  Streams();
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // `each` clients with each token; client c belongs to token c / each. Returns when all have their "hello".
  void connect(std::uint16_t port, const std::vector<std::string>& tokens, std::size_t each,
               const std::filesystem::path& folder);
  // One more client with this token, which never reads.
  void connectStalled(std::uint16_t port, const std::string& token, const std::filesystem::path& folder);
  // Everything that has come so far, of each client in its order. Throws when a stream has ended.
  std::vector<Arrival> collect(const std::filesystem::path& folder);
  // Reads at last what the stalled client left.
  Stalled readStalled();

 private:
  std::string ask(const std::string& command);
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

// What each client got of each call, in order, and what is wrong: sequences that do not ascend, a call whose events at
// some client are in none of the orders that are expected.
using Orders = std::vector<std::vector<std::string>>;
struct Verdict {
  std::size_t frames = 0;   // of calls
  std::size_t streams = 0;  // pairs of client and call
  std::size_t disordered = 0;
  std::size_t incomplete = 0;
  std::map<std::string, std::size_t> wrong;  // how many streams had these events instead

  void tell() const;  // prints what was wrong
};
Verdict judge(const std::vector<Arrival>& arrivals, const Orders& expected);

}  // namespace jackfield::bench

#endif
