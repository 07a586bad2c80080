// SPDX-License-Identifier: Apache-2.0
// A whole company on this machine: slapd with its people, Kamailio, two phones and jackfieldd between them, configured
// as an administrator does it. Each object has folders and ports of its own.
#ifndef JACKFIELD_TESTS_INTEGRATION_SITE_HPP
#define JACKFIELD_TESTS_INTEGRATION_SITE_HPP

#include <map>
#include <memory>
#include <string>

#include <boost/json.hpp>

#include "support/api_client.hpp"
#include "support/phone.hpp"
#include "support/process.hpp"

namespace jackfield::tests {

struct SiteOptions {
  std::string hosting = "ownProcess";  // or "inHost"
};

class Site {
 public:
  // Everything runs, people are synchronised, both phones have registered, the call server is connected.
  explicit Site(SiteOptions options = {});
  ~Site();

  ApiClient administrator() const { return ApiClient::signIn(http_port_, "morgan", "demo-morgan"); }
  ApiClient person(const std::string& login) const { return ApiClient::signIn(http_port_, login, "demo-" + login); }

  Phone& alicePhone() { return *alice_; }  // 1001
  Phone& bobPhone() { return *bob_; }      // 1002
  // One more phone, registered.
  void addPhone(const std::string& user);
  Phone& phone(const std::string& user) { return *others_.at(user); }  // one of addPhone()
  static std::string uri(const std::string& number) { return "sip:" + number + "@brightwater.test"; }

  void startHost();
  void launchHost();  // does not wait until it answers
  void stopHost();    // SIGTERM, waits
  void killHost();    // SIGKILL to the host; its plugin processes end with their connection
  void startKamailio();
  void stopKamailio();
  Process& host() { return *host_; }
  int httpPort() const { return http_port_; }
  int jackfieldPort() const { return jackfield_port_; }  // SIP over UDP
  std::filesystem::path folder() const { return folder_.path(); }

  // Waits until this server is "connected" or "down", as the administrator sees it.
  bool waitForServer(const ApiClient& administrator, const std::string& handle, const std::string& state,
                     std::chrono::milliseconds limit) const;

 private:
  void startPhone(const std::string& user, int sip_port, int control_port) const;
  void configure();
  boost::json::value configuration() const;

  SiteOptions options_;
  TemporaryFolder folder_;
  int http_port_ = freePort(), ldap_port_ = freePort(), ldaps_port_ = freePort(), sip_port_ = freePort(),
      tls_port_ = freePort(), jackfield_port_ = freePort();
  std::unique_ptr<Process> host_;
  std::unique_ptr<Phone> alice_, bob_;
  std::map<std::string, std::unique_ptr<Phone>> others_;
};

}  // namespace jackfield::tests

#endif
