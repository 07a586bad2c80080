// SPDX-License-Identifier: Apache-2.0
// Where log messages end: systemd's journal, a rotating file of JSON lines, stderr.
#ifndef JACKFIELD_KERNEL_BASE_LOG_CHANNELS_HPP
#define JACKFIELD_KERNEL_BASE_LOG_CHANNELS_HPP

#include <cstdint>
#include <filesystem>
#include <string>

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Message.h>

#include "kernel/base/message_catalogue.hpp"

namespace jackfield::kernel {

// Code and fields of a message. They travel in two parameters of Poco::Message, the fields as JSON: Poco 1.11 cannot
// list a message's parameters, and its messages cannot be derived from.
struct Details {
  std::string code;
  MessageArguments fields;
};
void attach(Poco::Message& message, const Details& details);
// Empty for messages that Poco itself logged.
Details detailsOf(const Poco::Message& message);

// One JSON object, without a line feed: time (RFC 3339, UTC), level, component, code, text, and the fields.
std::string asJsonLine(const Poco::Message& message);
// "2026-01-31T12:00:00.000Z warning plugins.hq: text [code]" with control characters made visible.
std::string asText(const Poco::Message& message);

Poco::AutoPtr<Poco::Channel> journalChannel();
// Throws Poco::FileException when the file cannot be opened.
Poco::AutoPtr<Poco::Channel> fileChannel(const std::filesystem::path& file, std::int64_t rotate_megabytes,
                                         std::int64_t keep_files);
Poco::AutoPtr<Poco::Channel> stderrChannel();

}  // namespace jackfield::kernel

#endif
