// SPDX-License-Identifier: Apache-2.0
// Structured logging over Poco's channels. A message is a code of the catalogue with named values; it reaches systemd's
// journal with its fields, a rotating file as one JSON object a line, or stderr as a line for people. Secrets are
// taken out on the way: fields with telling names, "password=..." in texts, and values registered as secret.
#ifndef JACKFIELD_KERNEL_BASE_LOG_HPP
#define JACKFIELD_KERNEL_BASE_LOG_HPP

#include <map>
#include <string>
#include <string_view>

#include "kernel/base/message_catalogue.hpp"

namespace Poco {
class Channel;
class Logger;
}  // namespace Poco

namespace jackfield::kernel {

class Configuration;

enum class LogLevel { error, warning, information, debug };
BOOST_DESCRIBE_ENUM(LogLevel, error, warning, information, debug)

// The log of one component; cheap to copy. Levels are inherited along dots: "plugins" rules "plugins.hq-ldap".
// Any thread; never throws, so that logging cannot break what it reports on.
class Log {
 public:
  explicit Log(const std::string& component);

  void error(const std::string& code, const MessageArguments& arguments = {}) const;
  void warning(const std::string& code, const MessageArguments& arguments = {}) const;
  void info(const std::string& code, const MessageArguments& arguments = {}) const;
  void debug(const std::string& code, const MessageArguments& arguments = {}) const;
  void write(LogLevel level, const std::string& code, const MessageArguments& arguments) const noexcept;
  // For arguments that are dear to make.
  bool enabled(LogLevel level) const;

 private:
  Poco::Logger* logger_;
};

// The process-wide set-up behind Log.
namespace logging {

// Opens the target that log.* names. Until then, and after stop(), messages go to stderr.
void start(const Configuration& configuration);
// Sends everything to this channel instead; tests and start() use it. Takes a reference of its own.
void start(Poco::Channel* channel, std::size_t per_second);
// Flushes and closes.
void stop();

// While running. An empty component means all. Throws jackfield::Error(invalid) for an unknown level.
void setLevel(const std::string& component, const std::string& level);
// Component -> level, of every component that has logged or was set.
std::map<std::string, std::string> levels();

// `value` is replaced by *** wherever it appears from now on. Values shorter than 4 characters are not taken: they
// would blank out ordinary words.
void addSecret(const std::string& value);
void removeSecret(const std::string& value);
// What the log would show for this text; error texts that leave the process another way use it too.
std::string redacted(std::string_view text);
// True for names such as password, bindPassword, csrfToken, Set-Cookie, Authorization.
bool isSecretName(std::string_view name);

}  // namespace logging

}  // namespace jackfield::kernel

#endif
