// SPDX-License-Identifier: Apache-2.0
// The call book: what drivers tell becomes events, log rows and live calls on disk; what people ask reaches the driver.
#include "support.hpp"

namespace jackfield::services::tests {
namespace {

using call_control::Call;
using call_control::Cause;
using call_control::ConnectionState;
using call_control::EventType;

constexpr auto originating = call_control::Role::originating;
constexpr auto terminating = call_control::Role::terminating;

class CallsTest : public Site {
 protected:
  CallsTest() {
    auto zoe = person("zoe", "", {});
    zoe.numbers.push_back({directory::NumberKind::mobile, "+49 30 1234567"});
    directoryHolds({person("alice", "1001"), person("bob", "1002"), zoe});
    addDirectory();
    addTelephony();
    synchronise();
    giveTelephony("id-alice");
    giveTelephony("id-bob");
    alice = {"id-alice", "alice", "Alice", {Role::user}, "s1", "x"};
    bob = {"id-bob", "bob", "Bob", {Role::user}, "s2", "x"};
  }

  static Call internal(const std::string& id, ConnectionState caller, ConnectionState called) {
    auto call = talk(id, {connection("1001", originating, caller), connection("1002", terminating, called)});
    if (called == ConnectionState::connected) call.answered = 4000;
    return call;
  }
  static Call over(Call call, Cause cause = Cause::normal) {
    call.ended = 9000;
    for (auto& connection : call.connections) {
      connection.state = ConnectionState::null;
      connection.since = 9000;
      connection.cause = cause;
    }
    return call;
  }
  std::shared_ptr<Reader> listen(const Principal& who) {
    auto reader = std::make_shared<Reader>();
    subscriptions_.push_back(services().events().subscribe(who, "", reader));
    return reader;
  }
  std::vector<store::ContactLogEntry> logOf(const Principal& who) {
    return services().contactLog().list(who, {}).entries;
  }
  void resync(const call_control::Resync& part) {
    plugins().events().onEvent("hq-sip", "call-control/1.resync", toJsonText(part));
  }
  bool logged(const Principal& who, std::size_t rows) {
    return waitFor([&] { return logOf(who).size() == rows; });
  }

  Principal alice, bob;
  std::vector<Events::Subscription> subscriptions_;
};

TEST_F(CallsTest, BothPartiesSeeTheCallWithNamesAndNobodyElseDoes) {
  const auto of_alice = listen(alice);
  const auto of_bob = listen(bob);
  const auto of_admin = listen(admin);
  tell(event(EventType::delivered, internal("c1", ConnectionState::connected, ConnectionState::alerting)));
  ASSERT_TRUE(waitFor([&] { return of_alice->has(1) && of_bob->has(1); }));
  const auto frame = of_alice->frames().at(1);
  EXPECT_EQ(frame.at("type"), "call");
  const auto& call = frame.at("data").at("call");
  EXPECT_EQ(frame.at("data").at("event"), "delivered");
  EXPECT_EQ(call.at("server"), "hq-sip");
  EXPECT_EQ(call.at("connections").at(1).at("user").at("name"), "Name of bob");
  EXPECT_EQ(boost::json::serialize(of_bob->frames().at(1)), boost::json::serialize(frame));
  EXPECT_EQ(services().calls().mine(bob).calls.size(), 1U);
  EXPECT_EQ(services().calls().get(alice, "c1").connections.size(), 2U);
  const Principal stranger{"id-zoe", "zoe", "Zoe", {Role::user}, "s3", "x"};
  EXPECT_TRUE(services().calls().mine(stranger).calls.empty());
  EXPECT_EQ(codeOf([&] { services().calls().get(stranger, "c1"); }), "call.unknown");
  EXPECT_EQ(of_admin->types(), std::vector<std::string>{}) << "administrators do not watch people's calls";
  EXPECT_EQ(codeOf([&] { services().calls().mine(admin); }), "auth.forbidden");
}

TEST_F(CallsTest, CallOfTwoServedPeopleLeavesOneRowForEachWithNamesAndDurations) {
  tell(event(EventType::established, internal("c1", ConnectionState::connected, ConnectionState::connected)));
  tell(event(EventType::connectionCleared,
             over(internal("c1", ConnectionState::connected, ConnectionState::connected))));
  ASSERT_TRUE(logged(alice, 1));
  ASSERT_TRUE(logged(bob, 1));
  const auto outgoing = logOf(alice)[0];
  EXPECT_EQ(outgoing.direction, store::Direction::outgoing);
  EXPECT_EQ(outgoing.name, "Name of bob");
  EXPECT_EQ(outgoing.person_id, "id-bob");
  EXPECT_EQ(outgoing.number, "1002");
  EXPECT_EQ(outgoing.ended - outgoing.answered, 5000);
  const auto incoming = logOf(bob)[0];
  EXPECT_EQ(incoming.direction, store::Direction::incoming);
  EXPECT_EQ(incoming.name, "Name of alice");
  EXPECT_FALSE(incoming.missed);
  EXPECT_EQ(services().calls().liveCount(), 0U);
}

TEST_F(CallsTest, TheEventOfALogRowCarriesTheIdByWhichTheRowIsDeleted) {
  const auto reader = listen(alice);
  tell(event(EventType::connectionCleared,
             over(internal("c1", ConnectionState::connected, ConnectionState::connected))));
  ASSERT_TRUE(waitFor([&] { return reader->has(2); }));
  const auto frame = reader->frames().at(2);
  ASSERT_EQ(frame.at("type"), "contactLog");
  ASSERT_TRUE(logged(alice, 1));
  const auto id = frame.at("data").at("id").to_number<std::uint64_t>();
  EXPECT_EQ(id, logOf(alice)[0].id);
  services().contactLog().remove(alice, id);
  EXPECT_TRUE(logOf(alice).empty());
}

TEST_F(CallsTest, MissedCallIsLoggedForSomebodyWhoIsNotSignedInWithTheCallersName) {
  auto caller = connection("+49301234567", originating, ConnectionState::connected, false);
  caller.name = "as signalled";
  auto call = talk("c2", {caller, connection("1002", terminating, ConnectionState::alerting)});
  tell(event(EventType::delivered, call));
  tell(event(EventType::connectionCleared, over(call, Cause::cancelled)));
  ASSERT_TRUE(logged(bob, 1));
  const auto row = logOf(bob)[0];
  EXPECT_TRUE(row.missed);
  EXPECT_EQ(row.name, "Name of zoe") << "resolved from the directory (CLT-110)";
  EXPECT_EQ(row.person_id, "id-zoe");
}

TEST_F(CallsTest, WhoHasLeftACallThatGoesOnIsToldThatAndNothingAfterIt) {
  const auto of_alice = listen(alice);
  const auto of_bob = listen(bob);
  tell(event(EventType::established, internal("c1", ConnectionState::connected, ConnectionState::connected)));
  auto left = internal("c1", ConnectionState::null, ConnectionState::connected);
  left.connections[0].cause = Cause::redirected;
  tell(event(EventType::transferred, left));
  ASSERT_TRUE(waitFor([&] { return of_alice->has(3); })) << "two events and her log row";
  EXPECT_TRUE(services().calls().mine(alice).calls.empty());
  EXPECT_EQ(codeOf([&] { services().calls().get(alice, "c1"); }), "call.unknown");
  EXPECT_EQ(services().calls().mine(bob).calls.size(), 1U);
  left.connections[1].state = ConnectionState::held;
  tell(event(EventType::held, left));
  tell(event(EventType::connectionCleared, over(left)));
  ASSERT_TRUE(waitFor([&] { return of_bob->has(5); })) << "four events and his log row";
  EXPECT_EQ(of_alice->frames().size(), 4U) << "hello and the three";
}

TEST_F(CallsTest, RepeatedEndLeavesNoSecondRowAlsoAfterARestart) {
  const auto ended = over(internal("c1", ConnectionState::connected, ConnectionState::connected));
  tell(event(EventType::established, internal("c1", ConnectionState::connected, ConnectionState::connected)));
  auto left = internal("c1", ConnectionState::null, ConnectionState::connected);
  tell(event(EventType::connectionCleared, left));
  ASSERT_TRUE(logged(alice, 1));
  restart();
  tell(event(EventType::connectionCleared, ended));
  tell(event(EventType::connectionCleared, ended));
  ASSERT_TRUE(logged(bob, 1));
  EXPECT_EQ(logOf(alice).size(), 1U);
  EXPECT_EQ(logOf(bob).size(), 1U);
}

TEST_F(CallsTest, LiveCallsAreShownUnconfirmedAfterARestartUntilTheDriverSpeaks) {
  const auto call = internal("c1", ConnectionState::connected, ConnectionState::connected);
  const auto gone = internal("c2", ConnectionState::connected, ConnectionState::connected);
  tell(event(EventType::established, call));
  tell(event(EventType::established, gone), "hq-sip", {{"call/c1", {{"dialog", 1}}}});
  ASSERT_TRUE(waitFor([&] { return services().calls().mine(alice).calls.size() == 2; }));
  restart();
  auto calls = services().calls().mine(alice).calls;
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_FALSE(calls[0].connections[0].confirmed);

  std::vector<kernel::Reply> records;
  plugins().events().onRequest("hq-sip", "storage/1.load", R"({"prefix":"call/"})",
                               [&](kernel::Reply reply) { records.push_back(std::move(reply)); });
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0].body, R"({"records":{"call/c1":{"dialog":1}}})");
  EXPECT_FALSE(records.back().more);

  const auto reader = listen(alice);
  resync({0, false, {call}});
  calls = services().calls().mine(alice).calls;
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_TRUE(calls[0].connections[0].confirmed);
  ASSERT_TRUE(logged(alice, 1)) << "the call that nobody knows any more is over";
  EXPECT_EQ(logOf(alice)[0].cause, "lost");
  EXPECT_TRUE(waitFor([&] { return reader->has(3); }));
}

TEST_F(CallsTest, AResyncInPartsClosesAfterTheLastWhatNoPartAndNoEventNamed) {
  const auto talking = [](const std::string& id) {
    return internal(id, ConnectionState::connected, ConnectionState::connected);
  };
  for (const char* id : {"c1", "c2", "c3"}) tell(event(EventType::established, talking(id)));
  resync({0, true, {talking("c1")}});
  EXPECT_EQ(services().calls().liveCount(), 3U) << "a later part may name the others";
  tell(event(EventType::established, talking("c4")));
  resync({1, false, {talking("c2")}});
  EXPECT_EQ(services().calls().liveCount(), 3U) << "c3 is gone, c4 began between the parts";
  ASSERT_TRUE(logged(alice, 1));
  EXPECT_EQ(logOf(alice)[0].call, "c3");
  EXPECT_EQ(logOf(alice)[0].cause, "lost");
}

TEST_F(CallsTest, AResyncWithAGapClosesNothingAndTheNextOneDoes) {
  const auto c1 = internal("c1", ConnectionState::connected, ConnectionState::connected);
  const auto c2 = internal("c2", ConnectionState::connected, ConnectionState::connected);
  tell(event(EventType::established, c1));
  tell(event(EventType::established, c2));
  resync({0, true, {}});
  resync({2, false, {c1}});
  EXPECT_EQ(services().calls().liveCount(), 2U) << "part 1 may have named c2";
  resync({1, false, {}});
  EXPECT_EQ(services().calls().liveCount(), 2U) << "there is no part 0 of this one";
  resync({0, true, {c1}});
  resync({0, false, {c2}});
  EXPECT_EQ(services().calls().liveCount(), 1U) << "the first was broken off, by a restart of the driver";
  EXPECT_EQ(services().calls().mine(alice).calls.at(0).id, "c2");
}

TEST_F(CallsTest, CallsStayUnconfirmedWhileTheCallServerIsAway) {
  tell(event(EventType::established, internal("c1", ConnectionState::connected, ConnectionState::connected)));
  plugins().state("hq-sip", kernel::LifeState::running, server::LinkState::disconnected, "no answer to OPTIONS");
  const auto calls = services().calls().mine(alice).calls;
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_FALSE(calls[0].connections[1].confirmed);
  const auto alarms = services().alarms().list(admin, true);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].code, "server.disconnected");
  plugins().state("hq-sip", kernel::LifeState::running, server::LinkState::connected);
  EXPECT_TRUE(services().alarms().list(admin, true).empty());
}

TEST_F(CallsTest, EventThatIsNoDocumentOfTheCapabilityIsRefusedAndOthersGoOn) {
  plugins().events().onEvent("hq-sip", "call-control/1.event", "{\"events\":[{\"event\":\"levitated\"}]}");
  plugins().events().onEvent("hq-sip", "call-control/1.event", "\xff\xfe");
  plugins().events().onEvent("hq-sip", "call-control/9.event", "{}");
  tell(event(EventType::established, internal("c1", ConnectionState::connected, ConnectionState::connected)));
  EXPECT_EQ(services().calls().liveCount(), 1U);
}

TEST_F(CallsTest, EventsOfManyCallsReachTheirReaderOnceAndInOrder) {
  const auto reader = listen(alice);
  for (int i = 0; i < 200; ++i) {
    const auto id = "c" + std::to_string(i);
    tell(event(EventType::delivered, internal(id, ConnectionState::connected, ConnectionState::alerting)));
    tell(event(EventType::established, internal(id, ConnectionState::connected, ConnectionState::connected)));
  }
  ASSERT_TRUE(waitFor([&] { return reader->has(400); }));
  const auto frames = reader->frames();
  ASSERT_EQ(frames.size(), 401U);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(frames[1 + 2 * i].at("data").at("call").at("id"), boost::json::value("c" + std::to_string(i)));
    EXPECT_EQ(frames[2 + 2 * i].at("data").at("event"), "established");
  }
}

class CommandsTest : public CallsTest {
 protected:
  CommandsTest() {
    for (const char* verb : {"makeCall", "answerCall", "holdCall", "retrieveCall", "clearConnection",
                             "singleStepTransferCall", "transferCall", "deflectCall"})
      plugins().answer(std::string("call-control/1.") + verb, [](const auto&, const auto& body) {
        const auto asked = parseJson(body).get_object();
        kernel::Reply reply;
        reply.body = toJsonText(call_control::Accepted{
            asked.contains("call") ? std::string(asked.at("call").get_string()) : std::string("made")});
        return reply;
      });
    auto call = internal("c1", ConnectionState::connected, ConnectionState::connected);
    call.connections[0].verbs = {"hold", "transfer", "deflect", "clear"};
    call.connections[0].refused = {{"retrieve", call_control::Refusal::notOnHold}};
    tell(event(EventType::established, call));
  }
  call_control::CallCommand sent(const std::string& verb) {
    return fromJson<call_control::CallCommand>(parseJson(plugins().asked("call-control/1." + verb).back().second));
  }
};

TEST_F(CommandsTest, HoldAndDropConcernOnesOwnConnection) {
  EXPECT_EQ(services().calls().hold(alice, "c1", {}).call, "c1");
  EXPECT_EQ(sent("holdCall").device, "sip:1001@site.test");
  services().calls().drop(alice, "c1", {});
  EXPECT_EQ(sent("clearConnection").device, "sip:1001@site.test");
  const Principal stranger{"id-zoe", "zoe", "Zoe", {Role::user}, "s3", "x"};
  EXPECT_EQ(codeOf([&] { services().calls().drop(stranger, "c1", {}); }), "call.unknown");
  EXPECT_EQ(codeOf([&] { services().calls().drop(auditor, "c1", {}); }), "auth.forbidden");
}

TEST_F(CommandsTest, TransferSendsTheOtherPartyToANumberOrAPerson) {
  EXPECT_EQ(services().calls().transfer(alice, "c1", {"id-zoe", {}, "r-9"}).request_id, "r-9");
  const auto asked = fromJson<call_control::SingleStepTransferCall>(
      parseJson(plugins().asked("call-control/1.singleStepTransferCall").back().second));
  EXPECT_EQ(asked.device, "sip:1001@site.test");
  EXPECT_EQ(asked.to, "+49 30 1234567");
  EXPECT_EQ(codeOf([&] { services().calls().transfer(alice, "c1", {"no such person", {}, {}}); }), "call.to");
  EXPECT_EQ(codeOf([&] {
              services().calls().transfer(bob, "c1", {"1001", {}, {}});
            }),
            "call.verb")
      << "nothing says that Bob's connection may be transferred";
}

TEST_F(CommandsTest, TransferConnectsThePartiesOfTwoCallsOfOnesOwn) {
  auto other = internal("c2", ConnectionState::connected, ConnectionState::connected);
  tell(event(EventType::established, other));
  EXPECT_EQ(codeOf([&] { services().calls().transfer(alice, "c1", {{}, "c2", {}}); }), "call.verb");
  other.connections[0].verbs = {"transfer"};
  tell(event(EventType::established, other));
  services().calls().transfer(alice, "c1", {{}, "c2", {}});
  const auto asked =
      fromJson<call_control::TransferCall>(parseJson(plugins().asked("call-control/1.transferCall").back().second));
  EXPECT_EQ(asked.call, "c1");
  EXPECT_EQ(asked.other_call, "c2");
  EXPECT_EQ(asked.device, "sip:1001@site.test");
  EXPECT_EQ(codeOf([&] { services().calls().transfer(alice, "c1", {{}, "c9", {}}); }), "call.unknown");
  EXPECT_EQ(codeOf([&] { services().calls().transfer(alice, "c1", {{}, {}, {}}); }), "call.transfer");
  EXPECT_EQ(codeOf([&] { services().calls().transfer(alice, "c1", {"1002", "c2", {}}); }), "call.transfer");
}

TEST_F(CommandsTest, DeflectNamesOnesOwnConnectionAndTheDestination) {
  services().calls().deflect(alice, "c1", {"1003", {}});
  const auto asked =
      fromJson<call_control::DeflectCall>(parseJson(plugins().asked("call-control/1.deflectCall").back().second));
  EXPECT_EQ(asked.device, "sip:1001@site.test");
  EXPECT_EQ(asked.to, "1003");
}

TEST_F(CommandsTest, VerbThatIsNotPossibleIsRefusedWithTheDriversReason) {
  try {
    services().calls().retrieve(alice, "c1", {});
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.code(), "call.verb");
    EXPECT_STREQ(problem.what(), "The call is not on hold.");
  }
  EXPECT_TRUE(plugins().asked("call-control/1.retrieveCall").empty());
}

TEST_F(CommandsTest, SameRequestIdAgainGetsTheSameAnswerAndReachesTheDriverOnce) {
  const auto first = services().calls().make(alice, {"1002", "r-1"});
  EXPECT_EQ(first.request_id, "r-1");
  EXPECT_EQ(services().calls().make(alice, {"1002", "r-1"}).call, first.call);
  EXPECT_EQ(plugins().asked("call-control/1.makeCall").size(), 1U);
  services().calls().make(bob, {"1001", "r-1"});
  EXPECT_EQ(plugins().asked("call-control/1.makeCall").size(), 2U) << "another user's request id is another one";
}

TEST_F(CommandsTest, MakeCallRingsTheOwnPhoneAndTakesNumbersUrisAndPeople) {
  services().calls().make(alice, {"id-zoe", std::nullopt});
  const auto make =
      fromJson<call_control::MakeCall>(parseJson(plugins().asked("call-control/1.makeCall").back().second));
  EXPECT_EQ(make.from, "1001");
  EXPECT_EQ(make.caller, "1001");
  EXPECT_EQ(make.to, "+49 30 1234567");
  EXPECT_EQ(codeOf([&] { services().calls().make(alice, {"sip:bob@site.test", std::nullopt}); }), "");
  for (const char* wrong : {"", "nobody", "1002\r\nEvil: 1", "sip:a b", "<sip:x@y>", "---"})
    EXPECT_EQ(codeOf([&] { services().calls().make(alice, {wrong, std::nullopt}); }), "call.to") << wrong;
  const Principal phoneless{"id-zoe", "zoe", "Zoe", {Role::user}, "s3", "x"};
  EXPECT_EQ(codeOf([&] { services().calls().make(phoneless, {"1001", std::nullopt}); }), "call.noPhone");
}

TEST_F(CommandsTest, RefusalsOfTheDriverAreToldApart) {
  const auto with = [&](Status status, const std::string& code) {
    plugins().answer("call-control/1.makeCall", [=](const auto&, const auto&) { return failed(status, code, "why"); });
    return codeOf([&] { services().calls().make(alice, {"1002", std::nullopt}); });
  };
  EXPECT_EQ(with(Status::timeout, ""), "call.timeout");
  EXPECT_EQ(with(Status::unreachable, "sip.peer.unreachable"), "call.serverDown");
  EXPECT_EQ(with(Status::state, "plugin.notRunning"), "call.serverDown");
  EXPECT_EQ(with(Status::state, "call.busy"), "call.busy");
  EXPECT_EQ(with(Status::internal, "call.broken"), "call.refused");
}

TEST(ExtensionTest, IsTheUserPartOfTheDevice) {
  EXPECT_EQ(extensionOf("sip:1001@site.test"), "1001");
  EXPECT_EQ(extensionOf("sips:1001@site.test;transport=tls"), "1001");
  EXPECT_EQ(extensionOf("tel:+4930;x=y"), "+4930");
  EXPECT_EQ(extensionOf("1001"), "1001");
  EXPECT_EQ(extensionOf(""), "");
}

}  // namespace
}  // namespace jackfield::services::tests
