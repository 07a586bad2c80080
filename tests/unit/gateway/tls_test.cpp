// SPDX-License-Identifier: Apache-2.0
// Certificates: made, refused, exchanged under open connections.
#include "gateway/net/tls.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/error.hpp>

#include "support/process.hpp"
#include "unit/gateway/small_server.hpp"
#include "unit/gateway/sockets.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;

void makeNamed(const fs::path& certificate, const fs::path& key, const std::string& name) {
  run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
       key.string(), "-out", certificate.string(), "-subj", "/CN=" + name, "-days", "30"},
      certificate.string() + ".log");
}

std::string codeOf(const fs::path& certificate, const fs::path& key) {
  try {
    gateway::TlsServer(certificate, key);
    return {};
  } catch (const Error& e) {
    return e.code();
  }
}

TEST(Tls, MakesACertificateForThisMachineThatOnlyItsOwnerCanRead) {
  const TemporaryFolder folder("tls");
  gateway::makeSelfSigned(folder.path() / "new/c.pem", folder.path() / "new/k.pem");
  EXPECT_EQ(fs::status(folder.path() / "new/k.pem").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const std::string text =
      run({"/usr/bin/openssl", "x509", "-in", (folder.path() / "new/c.pem").string(), "-noout", "-text"},
          folder.path() / "log");
  EXPECT_THAT(text, testing::AllOf(testing::HasSubstr("prime256v1"), testing::HasSubstr("DNS:localhost"),
                                   testing::HasSubstr("IP Address:127.0.0.1"), testing::HasSubstr("CA:FALSE")));
  EXPECT_EQ(codeOf(folder.path() / "new/c.pem", folder.path() / "new/k.pem"), "");
}

TEST(Tls, RefusesWhatCannotBeUsedWithADifferentCodeForEachFault) {
  const TemporaryFolder folder("tls");
  const fs::path c = folder.path() / "c.pem", k = folder.path() / "k.pem", other = folder.path() / "k2.pem";
  makeNamed(c, k, "first");
  makeNamed(folder.path() / "c2.pem", other, "second");
  std::ofstream(folder.path() / "garbage") << "not PEM";
  EXPECT_EQ(codeOf(folder.path() / "garbage", k), "tls.certificate");
  EXPECT_EQ(codeOf(folder.path() / "absent", k), "tls.certificate");
  EXPECT_EQ(codeOf(c, folder.path() / "garbage"), "tls.key");
  EXPECT_EQ(codeOf(c, other), "tls.mismatch");
  const fs::path old = folder.path() / "old.pem";
  run({"/usr/bin/openssl", "x509", "-in", c.string(), "-signkey", k.string(), "-days", "-1", "-out", old.string()},
      folder.path() / "log");
  EXPECT_EQ(codeOf(old, k), "tls.expired");
}

TEST(Tls, IsExchangedWhileConnectionsStayAndABadOneChangesNothing) {
  const TemporaryFolder folder("tls");
  const fs::path c = folder.path() / "c.pem", k = folder.path() / "k.pem";
  makeNamed(c, k, "first");
  gateway::TlsServer tls(c, k);
  SmallServer server({}, {}, &tls);
  HttpClient before(server.port(), true);
  WsClient stream(server.port(), "/ws", true);
  EXPECT_EQ(before.socket.certificate(), "/CN=first");

  makeNamed(c, k, "second");
  EXPECT_TRUE(tls.changed());
  tls.reload();
  EXPECT_FALSE(tls.changed());
  EXPECT_EQ(HttpClient(server.port(), true).socket.certificate(), "/CN=second");

  std::ofstream(c) << "broken";
  EXPECT_THROW(tls.reload(), Error);
  HttpClient after(server.port(), true);
  EXPECT_EQ(after.socket.certificate(), "/CN=second");
  EXPECT_EQ(after.ask("POST", "/", "new").body, "new");

  EXPECT_EQ(before.ask("POST", "/", "old").body, "old");
  ASSERT_TRUE(waitFor(patience, [&] { return server.clients().size() == 1; }));
  server.clients().front()->send(std::make_shared<const std::string>("still here"));
  EXPECT_EQ(stream.text(), "still here");
}

TEST(Tls, APlainRequestOnTheTlsPortIsAFailedHandshakeAndNothingElse) {
  const TemporaryFolder folder("tls");
  makeNamed(folder.path() / "c.pem", folder.path() / "k.pem", "first");
  const gateway::TlsServer tls(folder.path() / "c.pem", folder.path() / "k.pem");
  SmallServer server({}, {}, &tls);
  Socket plain(server.port());
  plain.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(plain.closedWithin(patience));
  EXPECT_TRUE(waitFor(patience, [&] { return server.lobby.counters().handshakes_failed == 1; }));
  EXPECT_EQ(HttpClient(server.port(), true).ask("POST", "/", "x").status, 200);
}

}  // namespace
}  // namespace jackfield::tests
