// SPDX-License-Identifier: Apache-2.0
// Regular expressions and replacements of dial plans, in Java's syntax (DIAL-060 to DIAL-065), by PCRE2. What PCRE2
// takes otherwise than Java, or Java does not have, is refused, so that a plan that was moved here means the same.
#ifndef JACKFIELD_MODEL_DIAL_PLAN_JAVA_REGEX_HPP
#define JACKFIELD_MODEL_DIAL_PLAN_JAVA_REGEX_HPP

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jackfield::model {

// Why an expression or a replacement is refused: a rule for a FieldError, with the position (from 0).
class RegexFault : public std::runtime_error {
 public:
  enum class Part { expression, replacement };
  RegexFault(Part of, const std::string& rule) : std::runtime_error(rule), part(of) {}
  Part part;
};

// Immutable: any thread.
class JavaRegex {
 public:
  // Throw RegexFault.
  JavaRegex(const std::string& expression, const std::string& replacement);
  ~JavaRegex();
  JavaRegex(JavaRegex&&) noexcept;
  JavaRegex& operator=(JavaRegex&&) noexcept;

  enum class Outcome { no, yes, stopped };  // stopped: it took too many steps, which ends well within 10 ms
  // yes: `output` is the replacement with its groups filled in.
  Outcome apply(std::string_view number, std::string& output) const;

 private:
  struct Compiled;
  struct Part {  // of the replacement: a text, then a group
    std::string text;
    int group = -1;  // -1: none
  };
  std::vector<Part> partsOf(const std::string& replacement) const;

  std::unique_ptr<Compiled> compiled_;
  std::string prefix_;  // what each number that it matches begins with: most rules are passed over by it
  std::vector<Part> parts_;
};

// The characters that every match begins with; empty when that is not plain to see. Throws RegexFault for what Java
// does not have.
std::string plainPrefix(std::string_view expression);

}  // namespace jackfield::model

#endif
