// SPDX-License-Identifier: Apache-2.0
// A small company: a real call server (Kamailio unless a test says otherwise) with the shipped fragment, real phones,
// and the plugin in a process that can be killed.
#ifndef JACKFIELD_TESTS_INTEGRATION_CALL_SERVER_FIXTURE_HPP
#define JACKFIELD_TESTS_INTEGRATION_CALL_SERVER_FIXTURE_HPP

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <jackfield/call_control.hpp>
#include <jackfield/json.hpp>

#include "support/phone.hpp"
#include "support/process.hpp"

namespace jackfield::tests {

namespace cc = jackfield::call_control;

class CallServerSite : public testing::Test {
 protected:
  CallServerSite();
  ~CallServerSite() override;

  // `transport` between Kamailio and Jackfield: udp, tcp or tls.
  void startKamailio(const std::string& transport = "udp");
  void stopKamailio();
  // The call server between the phones and Jackfield.
  virtual void startCallServer(const std::string& transport) { startKamailio(transport); }
  void startJackfield();
  void killJackfield();
  Phone& phone(const std::string& user);
  void killPhone(const std::string& user);  // as if its plug were pulled: nobody is told
  // Phones by these numbers registered, call server and Jackfield up and knowing each other.
  void open(const std::vector<std::string>& users, const std::string& transport = "udp");
  static std::string uri(const std::string& user) { return "sip:" + user + "@site.test"; }

  // What Jackfield has said since its start.
  std::vector<boost::json::value> said(const std::string& name) const;
  std::vector<cc::Event> events() const;
  std::string linkState() const;
  std::string state(const std::string& number) const;
  bool becomes(const std::string& number, const std::string& wanted);
  bool saw(cc::EventType type, const std::string& number) const;
  cc::Call call() const;                       // the one of the last event
  cc::Call call(const std::string& id) const;  // as the last event of it told
  bool ended();
  boost::json::object records() const;
  // How many passages of calls the records would end at the next start, because they ring.
  std::size_t keptRinging() const;
  void command(const std::string& verb, const boost::json::object& body);
  void onParty(const std::string& verb, const std::string& number);

  // Alice (1001) talks with Bob (1002).
  void talk();
  // What must be so behind every call server, with both of them there.
  void callFromTheBrowser();
  void missedAndRefused();

  TemporaryFolder folder{"call-server"};
  int sip_port = freePort(), tls_port = freePort(), jackfield_port = freePort(), jackfield_tls_port = freePort();
  boost::json::object settings;
  std::map<std::string, std::string> kamailio_environment;

 private:
  std::unique_ptr<Process> jackfield_;
  int starts_ = 0;
  std::map<std::string, std::unique_ptr<Phone>> phones_;
  std::string transport_ = "udp";
};

}  // namespace jackfield::tests

#endif
