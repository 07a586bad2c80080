// SPDX-License-Identifier: Apache-2.0
// A real SIP phone (baresip) and the keys on it, pressed through its control port.
#ifndef JACKFIELD_TESTS_SUPPORT_PHONE_HPP
#define JACKFIELD_TESTS_SUPPORT_PHONE_HPP

#include <chrono>
#include <memory>
#include <string>

namespace jackfield::tests {

class Phone {
 public:
  // control_port: where baresip's ctrl_tcp listens on 127.0.0.1. Throws when it does not within 10 s.
  explicit Phone(int control_port);
  ~Phone();

  void dial(const std::string& uri) { press("dial", uri); }
  void answer() { press("accept"); }
  void hangUp() { press("hangup"); }
  void hold() { press("hold"); }
  void resume() { press("resume"); }
  void transfer(const std::string& uri) { press("transfer", uri); }

  // Waits for a control event of this type since the last wait, for example "CALL_INCOMING", "CALL_ESTABLISHED",
  // "CALL_CLOSED". Events before it are passed over.
  bool waitForEvent(const std::string& type, std::chrono::milliseconds limit);

 private:
  void press(const std::string& command, const std::string& parameters = {});
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jackfield::tests

#endif
