// SPDX-License-Identifier: Apache-2.0
// Log and its process-wide set-up.
#include "kernel/base/log.hpp"

#include <memory>

#include <Poco/AutoPtr.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <jackfield/json.hpp>

#include "kernel/base/configuration.hpp"
#include "kernel/base/log_channels.hpp"
#include "kernel/base/rate_limit.hpp"
#include "kernel/base/redaction.hpp"

namespace jackfield::kernel {

namespace {

constexpr std::size_t longestValue = 2000;    // a hostile value must not fill the disk
constexpr std::size_t defaultPerSecond = 50;  // before the configuration is read
constexpr const char* heldBackCode = "log.heldBack";

Poco::Message::Priority priorityOf(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return Poco::Message::PRIO_ERROR;
    case LogLevel::warning:
      return Poco::Message::PRIO_WARNING;
    case LogLevel::information:
      return Poco::Message::PRIO_INFORMATION;
    case LogLevel::debug:
      return Poco::Message::PRIO_DEBUG;
  }
  return Poco::Message::PRIO_ERROR;
}

LogLevel levelOf(int priority) {
  if (priority <= Poco::Message::PRIO_ERROR) return LogLevel::error;
  if (priority <= Poco::Message::PRIO_WARNING) return LogLevel::warning;
  if (priority <= Poco::Message::PRIO_INFORMATION) return LogLevel::information;
  return LogLevel::debug;
}

Redaction& redaction() {
  static Redaction instance;
  return instance;
}

// Stands between every logger and the target: redacts, cuts and limits.
class Guard : public Poco::Channel {
 public:
  Guard(Poco::Channel* target, std::size_t per_second) : target_(target, true), limit_(per_second) {}

  void log(const Poco::Message& message) override {
    const Details details = detailsOf(message);
    const auto verdict = limit_.admit(message.getSource() + "\n" + details.code, RateLimit::Clock::now());
    if (verdict.held_back > 0) tellHeldBack(message.getSource(), details.code, verdict.held_back);
    if (verdict.pass) target_->log(clean(message, details));
  }
  void close() override { target_->close(); }

 private:
  void tellHeldBack(const std::string& source, const std::string& code, std::uint64_t count) {
    const MessageArguments arguments = {{"count", std::to_string(count)}, {"held", code}};
    Poco::Message note(source, MessageCatalogue::instance().sentence(heldBackCode, arguments),
                       Poco::Message::PRIO_WARNING);
    attach(note, {heldBackCode, arguments});
    target_->log(note);
  }

  static std::string cleanText(std::string_view text) {
    std::string out = redaction().apply(text.substr(0, longestValue));
    if (text.size() > longestValue) out += "...";
    return out;
  }

  static Poco::Message clean(const Poco::Message& message, const Details& details) {
    Poco::Message out(message, cleanText(message.getText()));
    Details shown{cleanText(details.code), {}};
    for (const auto& [name, value] : details.fields)
      shown.fields.emplace_back(name, Redaction::isSecretName(name) ? "***" : cleanText(value));
    attach(out, shown);
    return out;
  }

  Poco::AutoPtr<Poco::Channel> target_;
  RateLimit limit_;
};

// The root logger with our guard on it from the first message on.
Poco::Logger& root() {
  static Poco::Logger& logger = []() -> Poco::Logger& {
    Poco::Logger& made = Poco::Logger::root();
    made.setChannel(Poco::AutoPtr<Guard>(new Guard(stderrChannel(), defaultPerSecond)));
    made.setLevel(Poco::Message::PRIO_INFORMATION);
    return made;
  }();
  return logger;
}

void use(Poco::Channel* channel, std::size_t per_second) {
  root();
  const Poco::AutoPtr<Guard> guard(new Guard(channel, per_second));
  Poco::Logger::setChannel("", guard);
}

// Arguments with telling names never reach the text.
MessageArguments withoutSecrets(const MessageArguments& arguments) {
  MessageArguments out = arguments;
  for (auto& [name, value] : out)
    if (Redaction::isSecretName(name)) value = "***";
  return out;
}

Poco::AutoPtr<Poco::Channel> targetOf(const Configuration& configuration) {
  const auto& target = configuration.choice("log.target");
  if (target == "journal") return journalChannel();
  if (target == "file")
    return fileChannel(configuration.path("log.file"), configuration.number("log.rotateMegabytes"),
                       configuration.number("log.keepFiles"));
  return stderrChannel();
}

}  // namespace

Log::Log(const std::string& component) : logger_((root(), &Poco::Logger::get(component))) {}

void Log::error(const std::string& code, const MessageArguments& arguments) const {
  write(LogLevel::error, code, arguments);
}
void Log::warning(const std::string& code, const MessageArguments& arguments) const {
  write(LogLevel::warning, code, arguments);
}
void Log::info(const std::string& code, const MessageArguments& arguments) const {
  write(LogLevel::information, code, arguments);
}
void Log::debug(const std::string& code, const MessageArguments& arguments) const {
  write(LogLevel::debug, code, arguments);
}

void Log::write(LogLevel level, const std::string& code, const MessageArguments& arguments) const noexcept {
  if (!enabled(level)) return;
  try {
    const MessageArguments shown = withoutSecrets(arguments);
    Poco::Message message(logger_->name(), MessageCatalogue::instance().sentence(code, shown), priorityOf(level));
    attach(message, {code, shown});
    logger_->log(message);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a full disk or no memory; the caller's work goes on
  }
}

bool Log::enabled(LogLevel level) const {
  return logger_->is(priorityOf(level));
}

namespace logging {

void start(const Configuration& configuration) {
  start(targetOf(configuration), static_cast<std::size_t>(configuration.number("log.perSecond")));
  setLevel("", configuration.choice("log.level"));
}

void start(Poco::Channel* channel, std::size_t per_second) {
  use(channel, per_second);
}

void stop() {
  if (auto channel = root().getChannel()) channel->close();
  use(stderrChannel(), defaultPerSecond);
}

void setLevel(const std::string& component, const std::string& level) {
  root();
  LogLevel wanted{};
  if (!boost::describe::enum_from_string(level.c_str(), wanted))
    throw Error(Status::invalid, "log.level.unknown",
                "level: " + level + " is not one of error, warning, information, debug", "/level", level);
  Poco::Logger::get(component);  // makes it, so that later children inherit
  Poco::Logger::setLevel(component, priorityOf(wanted));
}

std::map<std::string, std::string> levels() {
  root();
  std::vector<std::string> names;
  Poco::Logger::names(names);
  std::map<std::string, std::string> out;
  for (const auto& name : names) out[name] = nameOf(levelOf(Poco::Logger::get(name).getLevel()));
  return out;
}

void addSecret(const std::string& value) {
  redaction().add(value);
}
void removeSecret(const std::string& value) {
  redaction().remove(value);
}
std::string redacted(std::string_view text) {
  return redaction().apply(text);
}
bool isSecretName(std::string_view name) {
  return Redaction::isSecretName(name);
}

}  // namespace logging

}  // namespace jackfield::kernel
