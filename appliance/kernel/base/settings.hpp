// SPDX-License-Identifier: Apache-2.0
// Every key of jackfield.conf, declared once. Parsing, environment overrides, `--check`, the sample file and the
// compile-time check of every use of a key come from this table.
#ifndef JACKFIELD_KERNEL_BASE_SETTINGS_HPP
#define JACKFIELD_KERNEL_BASE_SETTINGS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jackfield::kernel {

enum class SettingType { text, path, number, flag, choice };

struct Setting {
  std::string_view key;
  SettingType type = SettingType::text;
  std::string_view fallback;      // as it would be written in the file
  std::int64_t minimum = 0;       // of a number, inclusive
  std::int64_t maximum = 0;       // of a number, inclusive
  std::string_view unit = {};     // of a number; empty: a count
  std::string_view choices = {};  // of a choice, separated by '|'
  std::string_view text = {};     // what it is for, one or two sentences
};

namespace detail {

consteval Setting text(std::string_view key, std::string_view fallback, std::string_view what) {
  return {.key = key, .type = SettingType::text, .fallback = fallback, .text = what};
}
consteval Setting path(std::string_view key, std::string_view fallback, std::string_view what) {
  return {.key = key, .type = SettingType::path, .fallback = fallback, .text = what};
}
consteval Setting number(std::string_view key, std::string_view fallback, std::int64_t minimum, std::int64_t maximum,
                         std::string_view unit, std::string_view what) {
  return {.key = key,
          .type = SettingType::number,
          .fallback = fallback,
          .minimum = minimum,
          .maximum = maximum,
          .unit = unit,
          .text = what};
}
consteval Setting flag(std::string_view key, std::string_view fallback, std::string_view what) {
  return {.key = key, .type = SettingType::flag, .fallback = fallback, .text = what};
}
consteval Setting choice(std::string_view key, std::string_view fallback, std::string_view choices,
                         std::string_view what) {
  return {.key = key, .type = SettingType::choice, .fallback = fallback, .choices = choices, .text = what};
}

}  // namespace detail

inline constexpr auto settingTable = std::to_array<Setting>({
    detail::path("data.folder", "/var/lib/jackfield",
                 "Where databases, keys and spooled data live. Owned by the account that runs jackfieldd, mode 0700."),
    detail::path("plugins.folder", "/usr/lib/jackfield/plugins",
                 "The only folder that plugins are loaded from: one folder a plugin, each with its plugin.json."),
    detail::path("plugins.host", "/usr/bin/jackfield-plugin-host",
                 "The program that holds a plugin in a process of its own."),
    detail::choice("plugins.hosting", "ownProcess", "ownProcess|inHost",
                   "ownProcess: a plugin's crash or hang is cut off. inHost: for trusted plugins only; a plugin whose "
                   "manifest says \"process\": \"own\" still gets its own."),

    detail::text("http.host", "127.0.0.1",
                 "Address to listen on. 127.0.0.1: this machine alone; 0.0.0.0 or ::: every network of the machine."),
    detail::number("http.port", "8443", 0, 65535, "", "TCP port to listen on. 0: a free one, told in the log."),
    detail::flag("http.plain", "false",
                 "HTTP without TLS. Accepted only when http.host is a loopback address, for a proxy on this machine."),
    detail::path("http.certificate", "/etc/jackfield/tls/certificate.pem",
                 "PEM file with the server's certificate, followed by its intermediate certificates. Read again when "
                 "it changes; open connections stay. Without it and its key, Jackfield makes a pair in data.folder/tls "
                 "that browsers do not know."),
    detail::path("http.privateKey", "/etc/jackfield/tls/key.pem",
                 "PEM file with the private key of http.certificate, readable by the service alone."),
    detail::number("http.threads", "16", 2, 512, "",
                   "Threads that serve requests. WebSockets need none: they wait in one hub."),
    detail::number("http.requestSeconds", "15", 1, 600, "seconds",
                   "A request that has not arrived whole by then is cut off."),
    detail::number("http.connectionsPerAddress", "256", 1, 100000, "",
                   "HTTP connections of one address at a time, event streams aside; further ones are closed."),
    detail::number("http.requestsPerSecond", "50", 1, 1000000, "",
                   "Requests accepted from one session in a second, with bursts of four times as many. An address may "
                   "send ten times as many."),
    detail::text("http.trustedProxies", "",
                 "Addresses of reverse proxies, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are "
                 "believed. Empty: none."),
    detail::number("events.clients", "20000", 1, 1000000, "", "Event streams at a time; more are refused."),
    detail::number("events.clientsPerSession", "32", 1, 1000000, "", "Event streams of one session at a time."),
    detail::path("web.folder", "/usr/share/jackfield/web", "The built web pages."),

    detail::number("limits.sessions", "2000", 1, 1000000, "",
                   "People signed in at one time; the next one is refused (CAP-002, CAP-003)."),
    detail::number("limits.users", "4000", 1, 1000000, "", "Administered users; more are refused (CAP-001, CAP-003)."),
    detail::number("limits.queueBytes", "262144", 4096, 67108864, "bytes",
                   "Events that may wait for one client of the event stream; a slower client is cut off."),
    detail::number("limits.requestBytes", "1048576", 1024, 67108864, "bytes", "Largest body of a request."),

    detail::number("contactLog.maxEntries", "400", 1, 400, "", "Entries kept in each person's contact log."),
    detail::number("contactLog.maxDays", "14", 1, 14, "days", "How long an entry of a contact log is kept."),
    detail::number("events.retainHours", "24", 1, 168, "hours", "How long events are kept for clients that were away."),
    detail::number("events.retainMegabytes", "512", 16, 65536, "MiB",
                   "How much room the kept events may take; the oldest go first."),

    detail::number("signIn.attempts", "5", 1, 100, "",
                   "Wrong passwords for one login after which it is locked out for a while."),
    detail::number("signIn.lockMinutes", "15", 1, 1440, "minutes", "How long a lock-out lasts."),
    detail::number("signIn.perMinute", "60", 1, 100000, "", "Sign-in attempts accepted from one address in a minute."),
    detail::number("session.idleMinutes", "480", 1, 43200, "minutes",
                   "A browser session ends after this time without a request."),
    detail::number("tokens.days", "90", 1, 3650, "days", "How long a program's token is valid."),

    detail::choice("log.target", "journal", "journal|file|stderr",
                   "journal: systemd's journal, with fields. file: JSON lines in log.file. stderr: lines for people."),
    detail::path("log.file", "/var/log/jackfield/jackfieldd.log", "The log file when log.target is file."),
    detail::choice("log.level", "information", "error|warning|information|debug",
                   "Least level that is logged. Single components can be set while running."),
    detail::number("log.rotateMegabytes", "16", 1, 4096, "MiB", "Size at which a new log file is begun."),
    detail::number("log.keepFiles", "10", 1, 1000, "", "Rotated log files that are kept; the oldest goes."),
    detail::number("log.perSecond", "50", 1, 100000, "",
                   "Messages of one component and code in a second; more are counted and told in one line."),
});

// Throws at compile time when there is no such key: a misspelt key in the source does not build.
consteval std::size_t settingIndex(std::string_view key) {
  for (std::size_t i = 0; i < settingTable.size(); ++i)
    if (settingTable[i].key == key) return i;
  throw "no such key in settingTable";
}

}  // namespace jackfield::kernel

#endif
