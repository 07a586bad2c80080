// SPDX-License-Identifier: Apache-2.0
// Dial plans in use: what is dialled, shown, looked up and logged; and what administrators do with them.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"
#include "unit/model/seed_plan.hpp"

namespace jackfield::services::tests {
namespace {

using call_control::ConnectionState;
using call_control::EventType;
using call_control::Role;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DialPlansTest : public Site {
 protected:
  static model::DialPlan plan(const std::string& handle = "hq") { return model::seedPlan(handle); }
  DialPlans& plans() { return services().dialPlans(); }
  std::string problem(const std::function<void()>& action) {
    try {
      action();
    } catch (const Problem& thrown) {
      fields_.clear();
      for (const auto& field : thrown.fields()) fields_.push_back(field.pointer);
      return thrown.code();
    }
    return {};
  }
  // alice has the extension 35001 at hq-sip, whose dial plan is hq.
  void alicePhone() {
    addDirectory();
    addTelephony();
    auto bob = person("bob", "");
    bob.numbers = {{directory::NumberKind::office, "+1 508 764-1234"}};
    directoryHolds({person("alice", "35001"), bob, person("carol", "35002")});
    synchronise();
    giveTelephony("id-alice");
    plans().create(admin, {plan(), 0});
    plans().setNumbering(admin, "hq-sip", {"hq", true, false});
  }
  std::string dialled(const std::string& to) {
    std::string number;
    plugins().answer("call-control/1.makeCall", [&](const auto&, const std::string& body) {
      number = std::string(parseJson(body).at("to").as_string());
      kernel::Reply reply;
      reply.body = R"({"call":"c1"})";
      return reply;
    });
    services().calls().make(principal("alice"), {to, std::nullopt});
    return number;
  }
  std::vector<std::string> fields_;
};

TEST_F(DialPlansTest, WhatIsDialledGoesThroughThePlanOfTheServer) {
  alicePhone();
  EXPECT_EQ(dialled("+1 (508) 764-1234"), "915087641234");
  EXPECT_EQ(dialled("35002"), "35002");
  EXPECT_EQ(dialled("id-bob"), "915087641234") << "a number of the directory";
  EXPECT_EQ(dialled("sip:35002@site.test"), "sip:35002@site.test");
  plans().setNumbering(admin, "hq-sip", {});
  EXPECT_EQ(dialled("+1 (508) 764-1234"), "+1 (508) 764-1234") << "without a plan nothing is changed";
}

TEST_F(DialPlansTest, WhatTheServerSignalsIsShownLookedUpAndLoggedAsPeopleKnowIt) {
  alicePhone();
  const auto alice = principal("alice");
  auto own = connection("35001", Role::originating, ConnectionState::connected);
  auto far = connection("915087641234", Role::terminating, ConnectionState::connected, false);
  tell(event(EventType::established, talk("c1", {own, far})));
  auto view = services().calls().get(alice, "c1");
  EXPECT_EQ(view.connections[1].number, "+15087641234") << "the access code is not shown";
  ASSERT_TRUE(view.connections[1].user);
  EXPECT_EQ(view.connections[1].user->id, "id-bob");

  own.state = far.state = ConnectionState::null;
  auto over = talk("c1", {own, far});
  over.ended = 9000;
  tell(event(EventType::connectionCleared, over));
  ContactLogView log;
  ASSERT_TRUE(waitFor([&] { return !services().contactLog().list(alice, {}).entries.empty(); }));
  const auto row = services().contactLog().list(alice, {}).entries.at(0);
  EXPECT_EQ(row.number, "+15087641234");
  EXPECT_EQ(row.person_id, "id-bob");
  EXPECT_EQ(dialled(row.number), "915087641234") << "and can be dialled from the log";

  tell(
      event(EventType::delivered, talk("c2", {connection("35002", Role::originating, ConnectionState::connected, false),
                                              connection("35001", Role::terminating, ConnectionState::alerting)})));
  view = services().calls().get(alice, "c2");
  EXPECT_EQ(view.connections[0].number, "+15553335002");
  ASSERT_TRUE(view.connections[0].user) << "a directory that knows the extension only";
  EXPECT_EQ(view.connections[0].user->id, "id-carol");
}

TEST_F(DialPlansTest, ArsDigitsAreTreatedAsTheServerSays) {
  NumberConversion removing(plan(), {"hq", true, false}), overlapping(plan(), {"hq", true, true}),
      keeping(plan(), {"hq", false, false});
  EXPECT_EQ(removing.displayed("98710", true), "8710");
  EXPECT_EQ(overlapping.displayed("98710", true), "+15553398710") << "an extension";
  EXPECT_EQ(removing.displayed("98710", false), "+15553398710") << "only what was dialled has the access code";
  EXPECT_EQ(keeping.displayed("915087641234", true), "+915087641234");
  EXPECT_EQ(removing.displayed("sip:35001@site.test", true), "sip:35001@site.test");
}

TEST_F(DialPlansTest, AnExpressionThatTakesForEverIsLogged) {
  auto endless = plan();
  endless.dialable = {model::RuleKind::regex, {}, {{5, R"((\d+)+#)", "1"}, {10, R"((\d*)*#)", "1"}}};
  const NumberConversion conversion(endless, {"hq", true, false});
  testing::internal::CaptureStderr();
  conversion.dialable(std::string(60, '1') + "*#");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("rules 5, 10 of table dialable of dial plan hq"));
}

TEST_F(DialPlansTest, AreMadeChangedAndRemovedByAdministratorsAlone) {
  addTelephony();
  auto with_rules = plan();
  with_rules.dialable.pattern_rules = {{2, {}, {}, "2", 0, ""}, {1, {}, {}, "1", 0, ""}};
  const auto made = plans().create(admin, {with_rules, 0});
  EXPECT_EQ(made.revision, 1U);
  EXPECT_EQ(made.plan.dialable.pattern_rules[0].starts_with, "1");
  EXPECT_EQ(made.plan.dialable.pattern_rules[0].position, 5);
  EXPECT_EQ(problem([&] { plans().create(admin, {plan(), 0}); }), "dialPlan.exists");
  EXPECT_EQ(problem([&] { plans().replace(admin, "hq", {plan(), 9}); }), "dialPlan.revision");
  EXPECT_EQ(problem([&] { plans().replace(admin, "none", {plan(), 1}); }), "dialPlan.unknown");
  auto broken = plan();
  broken.local_length = 11;
  broken.ars = "nine";
  EXPECT_EQ(problem([&] { plans().replace(admin, "hq", {broken, 1}); }), "dialPlan.invalid");
  EXPECT_THAT(fields_, ElementsAre("/plan/ars", "/plan/localLength"));
  EXPECT_EQ(plans().replace(admin, "hq", {plan(), 1}).revision, 2U);

  plans().setNumbering(admin, "hq-sip", {"hq", true, true});
  EXPECT_THAT(plans().get(auditor, "hq").servers, ElementsAre("hq-sip"));
  EXPECT_EQ(problem([&] { plans().setNumbering(admin, "hq-sip", {"none", false, true}); }), "dialPlan.numbering");
  EXPECT_THAT(fields_, ElementsAre("/dialPlan", "/arsOverlapsWithExtension"));
  EXPECT_EQ(problem([&] { plans().setNumbering(admin, "none", {}); }), "server.unknown");

  for (const auto& forbidden : std::vector<std::function<void()>>{[&] {
                                                                    plans().create(auditor, {plan("two"), 0});
                                                                  },
                                                                  [&] {
                                                                    plans().replace(auditor, "hq", {plan(), 2});
                                                                  },
                                                                  [&] { plans().remove(auditor, "hq"); },
                                                                  [&] { plans().setNumbering(auditor, "hq-sip", {}); }})
    EXPECT_EQ(problem(forbidden), "auth.readonly");
  EXPECT_EQ(problem([&] { plans().list(user); }), "auth.forbidden");
  EXPECT_EQ(plans().examine(auditor, {plan(), {"35111"}}).conversions[1].display.output, "+15553335111");

  restart();
  EXPECT_EQ(plans().list(admin).size(), 1U) << "on disk";
  ASSERT_TRUE(plans().of("hq-sip"));
  plans().remove(admin, "hq");
  EXPECT_FALSE(plans().of("hq-sip")) << "left without one";
  EXPECT_EQ(plans().numbering(admin, "hq-sip"), Numbering());
  const auto trail = services().audit().list(admin, 0, 50).entries;
  std::vector<std::string> actions;
  for (const auto& entry : trail)
    if (entry.action.starts_with("dialPlan") || entry.action.starts_with("numbering")) actions.push_back(entry.action);
  EXPECT_EQ(actions.front(), "dialPlan.remove");
  EXPECT_THAT(actions, testing::Contains("numbering.change"));
}

TEST_F(DialPlansTest, ARemovedServerUsesNoneAnyMore) {
  addTelephony();
  plans().create(admin, {plan(), 0});
  plans().setNumbering(admin, "hq-sip", {"hq", true, false});
  auto server = services().servers().get(admin, "hq-sip");
  services().servers().replace(admin, "hq-sip", {"", "sip", "", false, server.settings, server.revision});
  services().servers().remove(admin, "hq-sip");
  EXPECT_THAT(plans().get(admin, "hq").servers, IsEmpty());
}

TEST_F(DialPlansTest, StandInTheConfigurationDocument) {
  addTelephony();
  auto& site = services().configuration();
  auto document = site.exportAll(admin);
  document["dialPlans"] = boost::json::array{toJson(plan())};
  document.at("servers").at(0).as_object()["numbering"] = toJson(Numbering{"hq", true, true});
  std::vector<std::string> objects;
  for (const auto& change : site.apply(admin, document, true).changes) objects.push_back(change.object);
  EXPECT_THAT(objects, ElementsAre("dialPlan/hq", "numbering/hq-sip")) << "only shown";
  EXPECT_THAT(plans().list(admin), IsEmpty());
  site.apply(admin, document, false);
  EXPECT_THAT(plans().get(admin, "hq").servers, ElementsAre("hq-sip"));
  EXPECT_THAT(site.apply(admin, site.exportAll(admin), false).changes, IsEmpty()) << "what is exported is in force";

  document.at("dialPlans").at(0).as_object()["extensionLength"] = 9;
  document.at("servers").at(0).at("numbering").as_object()["dialPlan"] = "none";
  document.at("servers").at(0).at("numbering").as_object()["removeArs"] = false;
  EXPECT_EQ(problem([&] { site.apply(admin, document, false); }), "configuration.invalid");
  EXPECT_THAT(fields_, ElementsAre("/dialPlans/0/extensionLength", "/servers/0/numbering/dialPlan",
                                   "/servers/0/numbering/arsOverlapsWithExtension"));

  auto changed = site.exportAll(admin);
  changed.at("dialPlans").at(0).as_object()["ars"] = "0";
  EXPECT_THAT(site.apply(admin, changed, false).changes.at(0).what, ElementsAre("/ars"));
  EXPECT_EQ(plans().get(admin, "hq").plan.ars, "0");
}

}  // namespace
}  // namespace jackfield::services::tests
