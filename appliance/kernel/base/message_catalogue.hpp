// SPDX-License-Identifier: Apache-2.0
// The messages that a person can meet: stable code, severity, text with {arguments}, cause and what to do. They stand
// in messages.json beside the code that raises them. The host's own are built into the program; a plugin's are read
// from its folder. tests/checks/messages holds source and catalogues together.
#ifndef JACKFIELD_KERNEL_BASE_MESSAGE_CATALOGUE_HPP
#define JACKFIELD_KERNEL_BASE_MESSAGE_CATALOGUE_HPP

#include <filesystem>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/describe.hpp>

namespace jackfield::kernel {

enum class MessageSeverity { debug, info, warning, error };
BOOST_DESCRIBE_ENUM(MessageSeverity, debug, info, warning, error)

struct Message {
  std::string code;
  MessageSeverity severity = MessageSeverity::info;
  std::string text;    // "{peer} does not answer: {reason}"
  std::string cause;   // why this happens; may be empty for severity info and debug
  std::string action;  // what the reader can do; may be empty for severity info and debug
};
BOOST_DESCRIBE_STRUCT(Message, (), (code, severity, text, cause, action))

// Names and values that fill a text. In the order in which they are shown when the text does not name them.
using MessageArguments = std::vector<std::pair<std::string, std::string>>;

// Any thread. A message once added is never removed, so that a logged code stays explained while the host runs.
class MessageCatalogue {
 public:
  // The one of this process, with the host's own messages in it.
  static MessageCatalogue& instance();

  // Adds a document. `origin` stands in errors. Throws jackfield::Error(invalid) when it is not a list of messages or
  // a code is there twice. The same document again (a plugin that was restarted) changes nothing.
  void add(std::string_view json, const std::string& origin);
  // Throws jackfield::Error(notFound) when the file cannot be read.
  void addFile(const std::filesystem::path& file);

  std::optional<Message> find(const std::string& code) const;
  // The sentence of `code`. An unknown code gives the code itself, followed by the arguments.
  std::string sentence(const std::string& code, const MessageArguments& arguments) const;
  // All, by code: for the manual page and `jackfield messages`.
  std::vector<Message> all() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, Message> messages_;
};

// Fills {name} from the arguments; a name that is not given stays as it is, so that the gap is seen.
std::string fillIn(std::string_view text, const MessageArguments& arguments);

}  // namespace jackfield::kernel

#endif
