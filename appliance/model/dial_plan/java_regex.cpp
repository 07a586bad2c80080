// SPDX-License-Identifier: Apache-2.0
// Compiling, checking and applying one expression.
#include "model/dial_plan/java_regex.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace jackfield::model {
namespace {

constexpr std::uint32_t most_steps = 20000;
constexpr std::uint32_t most_groups = 99;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

[[noreturn]] void refuse(std::size_t position, const std::string& reason) {
  throw RegexFault(RegexFault::Part::expression,
                   "is no regular expression: " + reason + " at position " + std::to_string(position));
}

// Goes through an expression once, character by character, with an eye for classes and escapes.
class JavaSyntax {
 public:
  explicit JavaSyntax(std::string_view expression) : text_(expression) {}

  void check() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\')
        escape();
      else if (in_class_)
        insideClass(c);
      else if (c == '[')
        in_class_ = true, class_at_ = at_;
      else if (c == '{')
        repetition();
      else if (c == '(')
        group();
      else if (c == ')')
        --depth_;
      else if (c == '|' && depth_ == 0)
        plain_ = false;
    }
  }

  // After check(): no alternative and no comment can take away what stands first.
  bool beginsPlainly() const { return plain_; }

 private:
  char next(std::size_t ahead = 1) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void escape() {
    ++at_;
    if (at_ >= text_.size()) return;  // PCRE2 tells it
    const char c = text_[at_];
    if (c == 'Q') {
      const auto end = text_.find("\\E", at_);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
    } else if (next() == '{' && std::string_view("pPxkN").find(c) != std::string_view::npos) {
      at_ = std::min(text_.find('}', at_), text_.size());
    } else if (c == 'g' || c == 'C' || c == 'K' || c == 'o') {
      refuse(at_ - 1, std::string("Java has no \\") + c);
    }
  }

  void insideClass(char c) {
    const bool first = at_ == class_at_ + 1 || (at_ == class_at_ + 2 && text_[class_at_ + 1] == '^');
    if (c == ']' && !first) in_class_ = false;
    if (c == '[') refuse(at_, "a class within a class is not supported");
    if (c == '&' && next() == '&') refuse(at_, "an intersection of classes is not supported");
  }

  // PCRE2 takes a brace that begins no repetition for a plain character.
  void repetition() {
    std::size_t i = at_ + 1;
    const auto digits = [&] {
      const std::size_t begin = i;
      while (i < text_.size() && digit(text_[i])) ++i;
      return i > begin;
    };
    bool good = digits();
    if (good && i < text_.size() && text_[i] == ',') {
      ++i;
      digits();
    }
    good = good && i < text_.size() && text_[i] == '}';
    if (!good) refuse(at_, "a counted repetition that is not closed");
    at_ = i;
  }

  void group() {
    ++depth_;
    if (next() == '*') refuse(at_ + 1, "nothing to repeat");
    if (next() != '?') return;
    const char c = next(2);
    const bool look = c == ':' || c == '=' || c == '!' || c == '>';
    const bool behind_or_name =
        c == '<' && (next(3) == '=' || next(3) == '!' || std::isalpha(static_cast<unsigned char>(next(3))));
    const bool flags = std::string_view("imsx-").find(c) != std::string_view::npos;
    if (c == '\0' || !(look || behind_or_name || flags)) refuse(at_, "Java has no such group");
    const auto named = text_.substr(at_, std::min(text_.find_first_of(":)", at_), text_.size()) - at_);
    if (flags && named.find('x') != std::string_view::npos) plain_ = false;
  }

  const std::string_view text_;
  std::size_t at_ = 0, class_at_ = 0;
  int depth_ = 0;  // of groups
  bool in_class_ = false;
  bool plain_ = true;
};

struct CodeDeleter {
  void operator()(pcre2_code* code) const { ::pcre2_code_free(code); }
};
struct DataDeleter {
  void operator()(pcre2_match_data* data) const { ::pcre2_match_data_free(data); }
};

pcre2_match_context* limited() {
  static pcre2_match_context* const context = [] {
    pcre2_match_context* made = ::pcre2_match_context_create(nullptr);
    ::pcre2_set_match_limit(made, most_steps);
    ::pcre2_set_depth_limit(made, most_steps);
    ::pcre2_set_heap_limit(made, 1024);  // KiB
    return made;
  }();
  return context;
}

// One a thread: making one for each match would cost more than the match.
pcre2_match_data* matchData() {
  thread_local const std::unique_ptr<pcre2_match_data, DataDeleter> data(
      ::pcre2_match_data_create(most_groups + 1, nullptr));
  return data.get();
}

std::string messageOf(int error) {
  std::array<PCRE2_UCHAR, 200> text{};
  ::pcre2_get_error_message(error, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct JavaRegex::Compiled {
  std::unique_ptr<pcre2_code, CodeDeleter> code;
  std::uint32_t groups = 0;
};

JavaRegex::JavaRegex(const std::string& expression, const std::string& replacement)
    : compiled_(std::make_unique<Compiled>()), prefix_(plainPrefix(expression)) {
  int error = 0;
  PCRE2_SIZE at = 0;
  compiled_->code.reset(::pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                                        PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UCP | PCRE2_NEVER_UTF, &error,
                                        &at, nullptr));
  if (!compiled_->code) refuse(at, messageOf(error));
  ::pcre2_pattern_info(compiled_->code.get(), PCRE2_INFO_CAPTURECOUNT, &compiled_->groups);
  if (compiled_->groups > most_groups) refuse(0, "more than " + std::to_string(most_groups) + " groups");
  ::pcre2_jit_compile(compiled_->code.get(), PCRE2_JIT_COMPLETE);  // where it cannot, matching is slower
  parts_ = partsOf(replacement);
}
JavaRegex::~JavaRegex() = default;
JavaRegex::JavaRegex(JavaRegex&&) noexcept = default;
JavaRegex& JavaRegex::operator=(JavaRegex&&) noexcept = default;

// As Matcher.appendReplacement of Java reads it: further digits of a reference count only while there is such a group.
std::vector<JavaRegex::Part> JavaRegex::partsOf(const std::string& replacement) const {
  const auto wrong = [&](std::size_t position, const std::string& reason) {
    throw RegexFault(RegexFault::Part::replacement,
                     "is no replacement: " + reason + " at position " + std::to_string(position));
  };
  std::vector<Part> parts(1);
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] == '\\') {
      if (++i == replacement.size()) wrong(i - 1, "nothing behind the backslash");
      parts.back().text += replacement[i];
      continue;
    }
    if (replacement[i] != '$') {
      parts.back().text += replacement[i];
      continue;
    }
    const std::size_t begin = i;
    const auto missing = [&](const std::string& group) { wrong(begin, "the expression has no group " + group); };
    int group = -1;
    if (i + 1 < replacement.size() && replacement[i + 1] == '{') {
      const auto end = replacement.find('}', i);
      if (end == std::string::npos) wrong(begin, "a name that is not closed");
      const std::string name = replacement.substr(i + 2, end - i - 2);
      group = ::pcre2_substring_number_from_name(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(name.c_str()));
      if (group < 0) missing(name);
      i = end;
    } else {
      if (i + 1 == replacement.size() || !digit(replacement[i + 1])) wrong(begin, "a $ that refers to no group");
      group = replacement[++i] - '0';
      if (static_cast<std::uint32_t>(group) > compiled_->groups) missing(std::to_string(group));
      while (i + 1 < replacement.size() && digit(replacement[i + 1])) {
        const int longer = 10 * group + (replacement[i + 1] - '0');
        if (static_cast<std::uint32_t>(longer) > compiled_->groups) break;
        group = longer;
        ++i;
      }
    }
    parts.back().group = group;
    parts.emplace_back();
  }
  return parts;
}

JavaRegex::Outcome JavaRegex::apply(std::string_view number, std::string& output) const {
  if (!number.starts_with(prefix_)) return Outcome::no;
  pcre2_match_data* const data = matchData();
  const int result = ::pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(number.data()), number.size(), 0,
                                   0, data, limited());
  if (result == PCRE2_ERROR_NOMATCH) return Outcome::no;
  if (result < 0) return Outcome::stopped;
  const PCRE2_SIZE* const places = ::pcre2_get_ovector_pointer(data);
  output.clear();
  for (const auto& part : parts_) {
    output += part.text;
    if (part.group < 0 || part.group >= result) continue;  // behind the last group that took part
    const auto begin = places[2 * part.group], end = places[2 * part.group + 1];
    if (begin != PCRE2_UNSET) output.append(number.substr(begin, end - begin));
  }
  return Outcome::yes;
}

std::string plainPrefix(std::string_view expression) {
  JavaSyntax syntax(expression);
  syntax.check();
  if (!syntax.beginsPlainly()) return {};
  std::string prefix;
  std::size_t i = 0;
  while (i < expression.size()) {
    const bool escaped = expression[i] == '\\' && i + 1 < expression.size() &&
                         std::string_view("+*#").find(expression[i + 1]) != std::string_view::npos;
    if (!escaped && !digit(expression[i]) && expression[i] != '#') break;
    prefix += expression[i + (escaped ? 1 : 0)];
    i += escaped ? 2 : 1;
  }
  const bool repeated = i < expression.size() && std::string_view("?*+{").find(expression[i]) != std::string_view::npos;
  if (repeated && !prefix.empty()) prefix.pop_back();
  return prefix;
}

}  // namespace jackfield::model
