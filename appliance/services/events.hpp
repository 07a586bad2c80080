// SPDX-License-Identifier: Apache-2.0
// The fan-out of committed events: each reader gets what its cursor has missed and then what happens, each once, in
// order, with no gap between the two. Frames are serialised once whatever the number of readers.
#ifndef JACKFIELD_SERVICES_EVENTS_HPP
#define JACKFIELD_SERVICES_EVENTS_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "model/principal.hpp"
#include "store/journal.hpp"

namespace jackfield::services {

struct Counters;

// One reader's end, written by the gateway. It must not own its Subscription.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Takes one frame without waiting; false: over its limit, and the hub sends nothing more and calls close("slow").
  // Called by one thread at a time, in order: the subscriber's during catch-up, then the journal's writer.
  virtual bool send(const std::shared_ptr<const std::string>& frame) = 0;
  // Asked before each page of what was missed. False: wait; the gateway calls Events::resume() when there is room
  // again, so that a long absence is never mistaken for a slow client.
  virtual bool accepting() { return true; }
  // The stream has to end: "slow", "session" (signed out, expired or ended), "shutdown". Any thread, once.
  virtual void close(const std::string& reason) = 0;
};

// Any thread. One mutex guards the list of readers; sinks are called without it.
class Events {
 public:
  Events(store::Journal&, Counters&);
  ~Events();

  class Reader;
  // Holding it keeps the stream; letting go of it ends the stream without close(). May be dropped on any thread, also
  // within send().
  using Subscription = std::shared_ptr<Reader>;

  // Before the handshake: throws Problem(gone, "events.cursor.gone") for a cursor that is too old, of another epoch or
  // malformed. An empty cursor means from now on.
  void check(const model::Principal&, const std::string& cursor) const;
  // Sends {"type":"hello","cursor"} first, then what was missed, on the calling thread. Throws as check().
  Subscription subscribe(const model::Principal&, const std::string& cursor, std::shared_ptr<EventSink>);

  // Goes on with the catch-up of a reader that was not accepting. Reads the disk: not on the WebSocket hub's thread.
  void resume(const Subscription&);

  // From the journal, on its writer thread, in the order of commits.
  void publish(const std::vector<store::StoredEvent>&);
  void endSession(const std::string& session_id);
  void closeAll(const std::string& reason);  // at shutdown; later subscribers are refused

  std::string cursor() const;  // of the newest event
  std::size_t readers() const;

  // {"cursor":"E:S","type":"call","time":1,"data":{...}}
  static std::shared_ptr<const std::string> frame(const std::string& epoch, const store::StoredEvent&);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::services

#endif
