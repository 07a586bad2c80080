// SPDX-License-Identifier: Apache-2.0
// Hostile input: messages after RFC 4475 and worse, over UDP and TCP. Whatever comes, calls go on.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.hpp"

namespace jackfield::calls::tests {
namespace {

namespace fs = std::filesystem;

class Hostile : public Lab {
 protected:
  void fling(const std::string& octets, int type) {
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(agent->port(type == SOCK_DGRAM ? "udp" : "tcp")));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
    settle(3ms);
    send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
    settle(10ms);
    char answer[4096];
    while (recv(fd, answer, sizeof answer, 0) > 0) {
    }
    close(fd);
  }
  void goesOn(const std::string& after) {
    const auto before = events.size();
    auto& caller = place("1001", "1002");
    const auto count = ends_behind.size();
    ASSERT_TRUE(until([&] { return ends_behind.size() > count; })) << after;
    caller.sent->cancel({});
    ASSERT_TRUE(until([&] { return caller.lastStatus() == 487; })) << after;
    EXPECT_GT(events.size(), before);
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
};

TEST_F(Hostile, TortureMessagesNeverEndTheService) {
  std::size_t flung = 0;
  for (const auto& entry : fs::directory_iterator(TORTURE_FOLDER)) {
    if (entry.path().extension() != ".sip") continue;
    const auto octets = read(entry.path());
    ASSERT_FALSE(octets.empty());
    fling(octets, SOCK_DGRAM);
    fling(octets, SOCK_STREAM);
    ++flung;
  }
  EXPECT_GE(flung, 30U);
  goesOn("the torture messages");
}

TEST_F(Hostile, EveryCutAndEveryChangedOctetOfAnInviteIsSurvived) {
  const auto whole = read(fs::path(TORTURE_FOLDER) / "valid-invite.sip");
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    fling(whole.substr(0, i), SOCK_DGRAM);
    auto changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x80);
    fling(changed, SOCK_DGRAM);
  }
  goesOn("cut and changed messages");
}

TEST_F(Hostile, LongNamesAreCutAndLongAddressesRefused) {
  const std::string name(20000, '"');
  auto& named = place("1001", "1002", "term", {{"X", "y"}});
  (void)named;
  ASSERT_TRUE(until([&] { return !events.empty(); }));
  auto& end = *ends_before.emplace_back(std::make_unique<End>());
  const auto ask = [&](const std::string& from, const std::string& display) {
    end.responses.clear();
    end.dialog = front->createDialog(sip::formatAddress(display, from), "<sip:1002@site.test>");
    end.sent =
        end.dialog->invite("sip:1002@site.test", {"<sip:" + agent->address("udp") + ";lr>"}, "",
                           {{{"P-Served-User", "<sip:1002@site.test>;sescase=term"}}, "application/sdp", caller_sdp},
                           70, [&end](const sip::Message& response) { end.responses.push_back(response); });
  };
  const auto before = events.size();
  ask("sip:1001@site.test", name);
  ASSERT_TRUE(until([&] { return events.size() > before; }));
  EXPECT_EQ(call().connections.front().name.size(), 256U);
  ask("sip:" + std::string(5000, 'a') + "@site.test", "x");
  ASSERT_TRUE(until([&] { return end.lastStatus() >= 300; }));
  EXPECT_EQ(end.lastStatus(), 414);
  goesOn("long names and addresses");
}

TEST_F(Hostile, HugeAndEndlessMessagesAreBounded) {
  fling(std::string(60000, 'A'), SOCK_DGRAM);
  fling("INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nSubject: " + std::string(400000, 'x'),
        SOCK_STREAM);
  std::string many = "INVITE sip:x@y SIP/2.0\r\n";
  for (int i = 0; i < 4000; ++i) many += "X-H" + std::to_string(i) + ": 1\r\n";
  fling(many + "\r\n", SOCK_STREAM);
  goesOn("huge messages");
}

TEST_F(Hostile, ADisplayNameCannotBringHeadersOfItsOwn) {
  auto& caller = place("1001", "1002", "orig", {{"Subject", "a\r\nX-Jackfield-Call: forged"}, {"Bad Name", "x"}});
  const auto& out = called().invite->request();
  EXPECT_EQ(out.correlation.find("forged"), std::string::npos);
  for (const auto& header : out.headers) EXPECT_EQ(header.value.find('\n'), std::string::npos);
  EXPECT_EQ(caller.lastStatus() >= 400, false);
}

TEST_F(Hostile, RequestsIntoDialogsThatDoNotExistGet481) {
  const auto stray = front->send("BYE", "sip:x@" + agent->address("udp"), "<sip:a@b>;tag=1", "<sip:c@d>;tag=2",
                                 "sip:" + agent->address("udp"), {}, [this](const sip::Message& r) {
                                   if (r.status == 481) warnings.emplace_back("481");
                                 });
  EXPECT_TRUE(until([&] { return !warnings.empty(); }));
}

TEST_F(Hostile, MoreCallsThanAllowedAreSentBackToTheCallServer) {
  rules.max_calls = 2;
  crash();
  place("1001", "1002");
  place("1003", "1004");
  ASSERT_TRUE(until([&] { return ends_behind.size() == 2; }));
  auto& third = place("1005", "1006");
  EXPECT_TRUE(until([&] { return third.lastStatus() == 503; }));
  EXPECT_EQ(ends_behind.size(), 2U);
}

}  // namespace
}  // namespace jackfield::calls::tests
