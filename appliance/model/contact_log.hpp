// SPDX-License-Identifier: Apache-2.0
// What a user's contact log says about a call that is over for that user (24*7 logging: signed in or not). Pure rules;
// names are resolved and rows are stored elsewhere.
#ifndef JACKFIELD_MODEL_CONTACT_LOG_HPP
#define JACKFIELD_MODEL_CONTACT_LOG_HPP

#include <cstdint>
#include <optional>
#include <string>

#include <jackfield/call_control.hpp>

namespace jackfield::model {

struct LoggedCall {
  bool incoming = false;
  bool missed = false;  // incoming, and nobody took it: not here, not on another phone, and not refused by the user
  std::string number;   // of the other party, as signalled
  std::string name;     // as signalled, printable text only
  std::int64_t started = 0;
  std::int64_t answered = 0;  // 0: never
  std::int64_t ended = 0;
  call_control::Cause cause = call_control::Cause::normal;
};

// nullopt while the connection of `device` is not over, when the call has no such served connection, and for an
// incoming call that was answered elsewhere (the one who took it has the row).
std::optional<LoggedCall> loggedCall(const call_control::Call& call, const std::string& device);

// Signalled text made fit for a log row: no control characters, at most 256 octets of whole UTF-8 characters.
std::string printable(const std::string& text);

}  // namespace jackfield::model

#endif
