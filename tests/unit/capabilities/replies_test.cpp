// SPDX-License-Identifier: Apache-2.0
// Failed replies of plugins become the problems that people meet.
#include "capabilities/replies.hpp"

#include <gtest/gtest.h>

namespace jackfield::capabilities {
namespace {

using Kind = model::Problem::Kind;

kernel::Reply failed(Status status, std::string body) {
  kernel::Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

TEST(RepliesTest, PluginsOwnCodeSentenceAndFieldStay) {
  const auto problem = problemOf(
      "hq", failed(Status::invalid, R"({"code":"call.to","text":"no such number","field":"/to","value":"x"})"));
  EXPECT_EQ(problem.kind(), Kind::invalid);
  EXPECT_EQ(problem.code(), "call.to");
  EXPECT_STREQ(problem.what(), "no such number");
  ASSERT_EQ(problem.fields().size(), 1U);
  EXPECT_EQ(problem.fields()[0].pointer, "/to");
}

TEST(RepliesTest, EachStatusHasItsKind) {
  const auto kind = [](Status status) {
    return problemOf("hq", failed(status, R"({"code":"x.y","text":"t"})")).kind();
  };
  EXPECT_EQ(kind(Status::auth), Kind::unauthenticated);
  EXPECT_EQ(kind(Status::unreachable), Kind::unavailable);
  EXPECT_EQ(kind(Status::timeout), Kind::timeout);
  EXPECT_EQ(kind(Status::state), Kind::conflict);
  EXPECT_EQ(kind(Status::unsupported), Kind::conflict);
  EXPECT_EQ(kind(Status::notFound), Kind::notFound);
  EXPECT_EQ(kind(Status::full), Kind::unavailable);
  EXPECT_EQ(kind(Status::cancelled), Kind::unavailable);
  EXPECT_EQ(kind(Status::internal), Kind::internal);
}

TEST(RepliesTest, WhatTheManagerRefusesSaysNothingAboutTheRequest) {
  EXPECT_EQ(problemOf("hq", failed(Status::notFound, R"({"code":"plugin.instance.unknown","text":"t"})")).kind(),
            Kind::unavailable);
}

TEST(RepliesTest, PluginThatCannotSayWhyStillGivesASentence) {
  for (const char* body : {"", "\xff", "[]", "{\"code\":1}"}) {
    const auto problem = problemOf("hq", failed(Status::internal, body));
    EXPECT_EQ(problem.code(), "plugin.failed");
    EXPECT_NE(std::string(problem.what()).find("hq"), std::string::npos);
  }
}

TEST(RepliesTest, AnswerThatIsNoDocumentOfTheCapabilityIsAProblemAndNewMembersAreNot) {
  EXPECT_THROW(decode<server::Load>("hq", "storage/1.load", "{\"prefix\":7}"), model::Problem);
  EXPECT_THROW(decode<server::Load>("hq", "storage/1.load", "\xff"), model::Problem);
  EXPECT_EQ(decode<server::Load>("hq", "storage/1.load", R"({"prefix":"call/","newer":1})").prefix, "call/");
}

}  // namespace
}  // namespace jackfield::capabilities
