// SPDX-License-Identifier: Apache-2.0
// What a log line looks like, and the rotating file.
#include "kernel/base/log_channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <jackfield/json.hpp>

#include "scratch_folder.hpp"

namespace jackfield::kernel {
namespace {

Poco::Message message(const std::string& text, const MessageArguments& fields = {}) {
  Poco::Message out("plugins.hq", text, Poco::Message::PRIO_WARNING);
  attach(out, {"sip.peer.unreachable", fields});
  return out;
}

TEST(LogLine, IsOneJsonObjectWithTimeLevelComponentCodeAndFields) {
  const auto logged = message("pbx does not answer", {{"peer", "pbx"}});
  const auto line = parseJson(asJsonLine(logged)).as_object();
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("component"), "plugins.hq");
  EXPECT_EQ(line.at("code"), "sip.peer.unreachable");
  EXPECT_EQ(line.at("text"), "pbx does not answer");
  EXPECT_EQ(line.at("peer"), "pbx");
  EXPECT_THAT(std::string(line.at("time").as_string()), testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
}

TEST(LogLine, KeepsItsOwnNamesWhenAFieldHasTheSame) {
  const auto logged = message("text", {{"level", "forged"}});
  const auto line = parseJson(asJsonLine(logged)).as_object();
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("field.level"), "forged");
}

TEST(LogLine, CannotBeForgedByLineFeedsOrTerminalEscapes) {
  const auto logged = message("one\ntwo\x1b[31m");
  EXPECT_EQ(asJsonLine(logged).find('\n'), std::string::npos);
  EXPECT_EQ(asText(logged).find('\n'), std::string::npos);
  EXPECT_EQ(asText(logged).find('\x1b'), std::string::npos);
}

TEST(LogFile, RotatesAtItsSizeAndKeepsSoManyOldFiles) {
  const ScratchFolder folder;
  auto channel = fileChannel(folder.path() / "host.log", 1, 2);
  const std::string text(1000, 'x');
  for (int i = 0; i < 5000; ++i) channel->log(message(text));
  channel->close();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    EXPECT_LE(entry.file_size(), (1U << 20) + 4096U) << entry.path();
  }
  EXPECT_GE(files, 2U);
  EXPECT_LE(files, 3U);
}

TEST(LogFile, HoldsOneReadableObjectALine) {
  const ScratchFolder folder;
  auto channel = fileChannel(folder.path() / "host.log", 1, 2);
  channel->log(message("first"));
  channel->log(message("second"));
  channel->close();
  std::istringstream lines(folder.read("host.log"));
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);)
    texts.emplace_back(parseJson(line).as_object().at("text").as_string());
  EXPECT_THAT(texts, testing::ElementsAre("first", "second"));
}

}  // namespace
}  // namespace jackfield::kernel
