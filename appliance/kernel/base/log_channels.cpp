// SPDX-License-Identifier: Apache-2.0
// The three log targets.
#include "kernel/base/log_channels.hpp"

#include <cctype>
#include <functional>
#include <iostream>
#include <mutex>
#include <vector>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/FileChannel.h>
#include <Poco/String.h>
#include <boost/json.hpp>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

namespace jackfield::kernel {

namespace {

constexpr const char* codeParameter = "code";
constexpr const char* fieldsParameter = "fields";

const char* levelName(Poco::Message::Priority priority) {
  if (priority <= Poco::Message::PRIO_ERROR) return "error";
  if (priority <= Poco::Message::PRIO_WARNING) return "warning";
  if (priority <= Poco::Message::PRIO_INFORMATION) return "info";
  return "debug";
}

int syslogPriority(Poco::Message::Priority priority) {
  if (priority <= Poco::Message::PRIO_ERROR) return LOG_ERR;
  if (priority <= Poco::Message::PRIO_WARNING) return LOG_WARNING;
  if (priority <= Poco::Message::PRIO_INFORMATION) return LOG_INFO;
  return LOG_DEBUG;
}

std::string timeOf(const Poco::Message& message) {
  return Poco::DateTimeFormatter::format(message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
}

// Field names of the journal: capital letters, digits and underscores, not beginning with one of the latter two.
std::string journalName(const std::string& name) {
  std::string out = "JACKFIELD_";
  for (const char c : name)
    out += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                                                       : '_';
  return out;
}

class JournalChannel : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override {
    const auto [code, details] = detailsOf(message);
    std::vector<std::string> fields = {
        "MESSAGE=" + message.getText(), "PRIORITY=" + std::to_string(syslogPriority(message.getPriority())),
        "SYSLOG_IDENTIFIER=jackfieldd", "JACKFIELD_COMPONENT=" + message.getSource(), "JACKFIELD_CODE=" + code};
    for (const auto& [name, value] : details) fields.push_back(journalName(name) + "=" + value);
    std::vector<iovec> vectors;
    vectors.reserve(fields.size());
    for (auto& field : fields) vectors.push_back({field.data(), field.size()});
    // A journal that is gone must not stop the host; there is nobody left to tell.
    static_cast<void>(sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size())));
  }
};

class JsonFileChannel : public Poco::FileChannel {
 public:
  using Poco::FileChannel::FileChannel;
  void log(const Poco::Message& message) override {
    Poco::FileChannel::log(Poco::Message(message, asJsonLine(message)));
  }
};

class StderrChannel : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override {
    const std::string line = asText(message) + "\n";
    const std::lock_guard lock(mutex_);
    std::cerr << line << std::flush;
  }

 private:
  std::mutex mutex_;
};

}  // namespace

void attach(Poco::Message& message, const Details& details) {
  boost::json::array fields;
  for (const auto& [name, value] : details.fields) fields.push_back(boost::json::array{name, value});
  message.set(codeParameter, details.code);
  message.set(fieldsParameter, boost::json::serialize(fields));
}

Details detailsOf(const Poco::Message& message) {
  if (!message.has(fieldsParameter)) return {};
  Details details{message.get(codeParameter), {}};
  const auto fields = boost::json::parse(message.get(fieldsParameter));
  for (const auto& field : fields.as_array())
    details.fields.emplace_back(field.at(0).as_string(), field.at(1).as_string());
  return details;
}

std::string asJsonLine(const Poco::Message& message) {
  const auto [code, fields] = detailsOf(message);
  boost::json::object line;
  line["time"] = timeOf(message);
  line["level"] = levelName(message.getPriority());
  line["component"] = message.getSource();
  if (!code.empty()) line["code"] = code;
  line["text"] = message.getText();
  for (const auto& [name, value] : fields)
    // A field called "level" must not forge the line's own.
    line[line.contains(name) ? "field." + name : name] = value;
  return boost::json::serialize(line);
}

std::string asText(const Poco::Message& message) {
  const auto [code, fields] = detailsOf(message);
  std::string text =
      timeOf(message) + " " + levelName(message.getPriority()) + " " + message.getSource() + ": " + message.getText();
  if (!code.empty()) text += " [" + code + "]";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';  // no forged lines, no terminal escapes
  return text;
}

Poco::AutoPtr<Poco::Channel> journalChannel() {
  return {new JournalChannel};
}

Poco::AutoPtr<Poco::Channel> fileChannel(const std::filesystem::path& file, std::int64_t rotate_megabytes,
                                         std::int64_t keep_files) {
  Poco::AutoPtr<Poco::FileChannel> channel(new JsonFileChannel(file.string()));
  channel->setProperty(Poco::FileChannel::PROP_ROTATION, std::to_string(rotate_megabytes) + " M");
  channel->setProperty(Poco::FileChannel::PROP_ARCHIVE, "number");
  channel->setProperty(Poco::FileChannel::PROP_PURGECOUNT, std::to_string(keep_files));
  channel->open();
  return channel;
}

Poco::AutoPtr<Poco::Channel> stderrChannel() {
  return {new StderrChannel};
}

}  // namespace jackfield::kernel
