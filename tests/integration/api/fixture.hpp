// SPDX-License-Identifier: Apache-2.0
// A site with its gateway on a free port. Every answer that leaves it in any of these tests is held to openapi.yaml.
#ifndef JACKFIELD_TESTS_INTEGRATION_API_FIXTURE_HPP
#define JACKFIELD_TESTS_INTEGRATION_API_FIXTURE_HPP

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/gateway.hpp"
#include "support/process.hpp"
#include "unit/gateway/sockets.hpp"
#include "unit/services/support.hpp"

namespace jackfield::tests {

using Headers = std::map<std::string, std::string>;

class ApiSite : public services::tests::Site {
 protected:
  ApiSite();
  ~ApiSite() override;

  // Before serve().
  gateway::Gateway::Options options;
  bool tls = false;

  void serve();
  void stop();
  // alice (1001) and bob (1002) with telephony, ada the administrator, otto the auditor; all with password "right".
  void people();

  std::uint16_t port() const { return gateway_->port(); }
  gateway::Gateway& gateway() { return *gateway_; }
  std::string token(const std::string& login) {
    return services().signIn().issueToken(login, "right", "", "127.0.0.1").token;
  }
  static Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
  Headers as(const std::string& login) {
    return bearer(tokens_.contains(login) ? tokens_[login] : tokens_[login] = token(login));
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {},
                 const Headers& headers = {});
  static boost::json::value json(const HttpAnswer& answer) { return parseJson(answer.body); }
  static std::string code(const HttpAnswer& answer);
  // A call between alice and bob that both talk in.
  void talking(const std::string& id);

  struct Seen {
    std::string operation;
    int status;
    bool operator<(const Seen& other) const {
      return std::tie(operation, status) < std::tie(other.operation, other.status);
    }
  };
  std::set<Seen> seen() const;

 private:
  void TearDown() override;

  std::unique_ptr<kernel::Metrics> metrics_;
  std::map<std::string, std::string> tokens_;
  gateway::OpenApi openapi_;
  mutable std::mutex seen_mutex_;
  std::set<Seen> seen_;
  std::vector<std::string> violations_;
  std::unique_ptr<gateway::Gateway> gateway_;
};

}  // namespace jackfield::tests

#endif
