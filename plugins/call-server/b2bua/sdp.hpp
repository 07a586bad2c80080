// SPDX-License-Identifier: Apache-2.0
// The few things that call control does to a session description (RFC 4566, RFC 3264): see a hold, set a direction,
// keep the o= line of a leg in order. All else passes octet for octet: keys, video, T.38, unknown lines.
#ifndef JACKFIELD_CALL_SERVER_B2BUA_SDP_HPP
#define JACKFIELD_CALL_SERVER_B2BUA_SDP_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace jackfield::calls::sdp {

enum class Direction { sendrecv, inactive };

bool isSdp(std::string_view content_type);
// Every medium that is on (port not 0) is sendonly or inactive, or has the address 0.0.0.0 (RFC 2543 phones): whoever
// sends this has put the other on hold. False for a description without media.
bool holds(std::string_view description);
// The same with that direction on every medium that is on.
std::string withDirection(std::string_view description, Direction direction);
// Whether two descriptions differ in more than o= line and directions, so that the far end must be told.
bool sameMedia(std::string_view left, std::string_view right);
// An offer for a phone that is to ring before anybody else is asked: audio of the usual codecs, inactive.
std::string inactiveOffer(std::string_view address, std::uint64_t session);

// The same media in the order of an earlier description to the same peer: RFC 3264 section 8 lets none of them go, so
// what is missing stands there with port 0, and what is new comes after it.
std::string inOrderOf(std::string_view description, std::string_view before);

// The o= line of one leg, and the order of its media. As long as we add nothing of our own, what comes is passed
// untouched. From the first description of ours the leg keeps user, session id and address of its first o= line, and a
// version that grows by one with every change (RFC 3264 section 8).
class Origin {
 public:
  // What to send on this leg for a description that passes through.
  std::string pass(std::string_view description);
  // The same for one that we made or changed.
  std::string own(std::string_view description);
  const std::string& last() const { return last_; }
  bool restamps() const { return restamps_; }
  void restore(std::string last, bool restamps);

 private:
  std::string last_;  // as sent
  bool restamps_ = false;
};

}  // namespace jackfield::calls::sdp

#endif
