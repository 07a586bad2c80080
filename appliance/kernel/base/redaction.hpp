// SPDX-License-Identifier: Apache-2.0
// Takes secrets out of texts before they are logged. Any thread.
#ifndef JACKFIELD_KERNEL_BASE_REDACTION_HPP
#define JACKFIELD_KERNEL_BASE_REDACTION_HPP

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace jackfield::kernel {

class Redaction {
 public:
  static bool isSecretName(std::string_view name);

  void add(const std::string& value);
  void remove(const std::string& value);
  // Replaces registered values, and what follows a telling name ("password=x", "Authorization: Bearer x",
  // "token":"x") by ***.
  std::string apply(std::string_view text) const;

 private:
  std::string withoutValues(std::string text) const;

  // Longest first, or what surrounds a shorter secret within a longer one would stay readable.
  struct LongestFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };

  mutable std::mutex mutex_;
  std::map<std::string, int, LongestFirst> values_;  // how often registered: two servers may share a password
};

}  // namespace jackfield::kernel

#endif
