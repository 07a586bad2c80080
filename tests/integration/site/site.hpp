// SPDX-License-Identifier: Apache-2.0
// A whole company on this machine: slapd with its people, Kamailio, two phones and jackfieldd between them, configured
// as an administrator does it. Each object has folders and ports of its own.
#ifndef JACKFIELD_TESTS_INTEGRATION_SITE_HPP
#define JACKFIELD_TESTS_INTEGRATION_SITE_HPP

#include <map>
#include <memory>
#include <string>

#include <boost/json.hpp>

#include "support/jackfieldd.hpp"
#include "support/phone.hpp"
#include "support/slapd.hpp"

namespace jackfield::tests {

struct SiteOptions {
  std::string hosting = "ownProcess";  // or "inHost"
};

class Site {
 public:
  // Everything runs, people are synchronised, both phones have registered, the call server is connected.
  explicit Site(const SiteOptions& options = {});
  ~Site();

  ApiClient administrator() const { return ApiClient::signIn(host_.port(), "morgan", "demo-morgan"); }
  ApiClient person(const std::string& login) const { return ApiClient::signIn(host_.port(), login, "demo-" + login); }

  Phone& alicePhone() { return *alice_; }  // 1001
  Phone& bobPhone() { return *bob_; }      // 1002
  // One more phone, registered.
  void addPhone(const std::string& user);
  Phone& phone(const std::string& user) { return *others_.at(user); }  // one of addPhone()
  static std::string uri(const std::string& number) { return "sip:" + number + "@brightwater.test"; }

  void startKamailio();
  void stopKamailio();
  Jackfieldd& host() { return host_; }
  int jackfieldPort() const { return jackfield_port_; }  // SIP over UDP
  std::filesystem::path folder() const { return folder_.path(); }

  // Waits until this server is "connected" or "down", as the administrator sees it.
  bool waitForServer(const ApiClient& administrator, const std::string& handle, const std::string& state,
                     std::chrono::milliseconds limit) const;

 private:
  void startPhone(const std::string& user, int sip_port, int control_port) const;
  void configure();
  boost::json::value configuration() const;

  TemporaryFolder folder_;
  const int sip_port_ = freePort(), tls_port_ = freePort(), jackfield_port_ = freePort();
  SlapdServer slapd_;
  Jackfieldd host_;
  std::unique_ptr<Phone> alice_, bob_;
  std::map<std::string, std::unique_ptr<Phone>> others_;
};

}  // namespace jackfield::tests

#endif
