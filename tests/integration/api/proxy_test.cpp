// SPDX-License-Identifier: Apache-2.0
// The sample for a reverse proxy, in a real nginx before a running gateway (AUTH-022).
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/api/fixture.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;

class Proxy : public ApiSite {
 protected:
  // The sample as it is shipped, but for names, ports and places.
  std::string sample() const {
    std::ostringstream in;
    in << std::ifstream(JACKFIELD_GATEWAY "/proxy/nginx.conf").rdbuf();
    std::string text = in.str();
    const auto replace = [&](const std::string& what, const std::string& by) {
      const auto at = text.find(what);
      ASSERT_NE(at, std::string::npos) << what;
      text.replace(at, what.size(), by);
    };
    replace("127.0.0.1:8443", "127.0.0.1:" + std::to_string(port()));
    replace("listen 443 ssl", "listen 127.0.0.1:" + std::to_string(proxy_port_) + " ssl");
    replace("/etc/ssl/certs/uc.example.com.pem", (folder_.path() / "tls/certificate.pem").string());
    replace("/etc/ssl/private/uc.example.com.key", (folder_.path() / "tls/key.pem").string());
    return text;
  }
  const std::uint16_t proxy_port_ = static_cast<std::uint16_t>(freePort());
};

TEST_F(Proxy, OneRuleKeepsAdministrationInsideAndLetsPeopleThrough) {
  if (!fs::exists("/usr/sbin/nginx")) GTEST_SKIP() << "nginx-light is not installed";
  tls = true;
  options.limits.trusted_proxies = {"127.0.0.1"};
  serve();
  people();
  const fs::path& at = folder_.path();
  fs::create_directories(at / "tmp");
  std::ofstream file(at / "nginx.conf");
  file << "daemon off; pid " << (at / "nginx.pid").string()
       << "; error_log stderr;\nevents {}\nhttp { access_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    file << kind << "_temp_path " << (at / "tmp" / kind).string() << ";\n";
  file << sample() << "}\n";
  file.close();
  const Process nginx({"/usr/sbin/nginx", "-c", (at / "nginx.conf").string(), "-p", at.string()}, at / "nginx.log");
  const auto through = [&](const std::string& path, const Headers& headers = {}) {
    return HttpClient(proxy_port_, true).ask("GET", path, {}, headers).status;
  };
  ASSERT_TRUE(waitFor(patience, [&] {
    try {
      return through("/healthz") == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  })) << nginx.output();

  const auto ada = as("ada");
  EXPECT_EQ(ask("GET", "/api/v1/admin/status", {}, ada).status, 200) << "from inside";
  for (const char* path :
       {"/admin", "/admin/", "/admin/servers", "/api/v1/admin/status", "/api/v1/admin/servers", "/metrics"})
    EXPECT_EQ(through(path, ada), 403) << path;
  for (const char* path : {"/", "/administer", "/api/v1/session", "/api/v1/calls"})
    EXPECT_EQ(through(path, ada), 200) << path;
  WsClient stream(proxy_port_, "/api/v1/events", true, as("alice"));
  EXPECT_EQ(parseJson(stream.text()).at("type"), "hello");
}

}  // namespace
}  // namespace jackfield::tests
