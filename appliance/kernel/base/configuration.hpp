// SPDX-License-Identifier: Apache-2.0
// The configuration of the host: jackfield.conf ("key = value" lines, '#' begins a comment line) with overrides from
// the environment (http.port is JACKFIELD_HTTP_PORT). Immutable once read; any thread may read it.
#ifndef JACKFIELD_KERNEL_BASE_CONFIGURATION_HPP
#define JACKFIELD_KERNEL_BASE_CONFIGURATION_HPP

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/base/settings.hpp"

namespace jackfield::kernel {

// One thing that is wrong, with everything needed to mend it.
struct ConfigurationFault {
  std::string where;    // "jackfield.conf:12", "JACKFIELD_HTTP_PORT" or the file alone
  std::string key;      // as written
  std::string value;    // as written, cut at 80 characters
  std::string rule;     // what it must be
  std::string nearest;  // the known key that was probably meant; else empty

  std::string sentence() const;
};

// Thrown by load(): all that is wrong, at once. what() has one line for each fault.
class ConfigurationError : public std::runtime_error {
 public:
  explicit ConfigurationError(std::vector<ConfigurationFault> faults);
  const std::vector<ConfigurationFault>& faults() const noexcept { return faults_; }

 private:
  std::vector<ConfigurationFault> faults_;
};

class Configuration {
 public:
  using Environment = std::map<std::string, std::string>;

  // A key of this type, checked when the source is compiled: config.number("http.port").
  template <SettingType type>
  struct Key {
    // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to become a key by itself
    consteval Key(const char* key) : index(settingIndex(key)) {
      if (settingTable[index].type != type) throw "the key has another type";
    }
    std::size_t index;
  };

  // Every setting at its default.
  Configuration();
  // Reads `file` (empty: none), then the overrides. Relative paths in the file are relative to the file's folder.
  // Throws ConfigurationError with every fault found.
  static Configuration load(const std::filesystem::path& file, const Environment& overrides = environment());
  // The JACKFIELD_ variables of this process.
  static Environment environment();
  // "JACKFIELD_HTTP_PORT" for "http.port".
  static std::string variable(std::string_view key);
  // The documented file that `jackfieldd --print-config` prints: every key with text, range and default.
  static std::string sample();

  const std::string& text(Key<SettingType::text> key) const { return values_[key.index]; }
  const std::string& choice(Key<SettingType::choice> key) const { return values_[key.index]; }
  std::filesystem::path path(Key<SettingType::path> key) const { return values_[key.index]; }
  bool flag(Key<SettingType::flag> key) const { return values_[key.index] == "true"; }
  std::int64_t number(Key<SettingType::number> key) const { return numbers_[key.index]; }

  // What the values ask of this machine: folders that are there and writable, certificates that are readable.
  // Looked at by `--check` and at start, not while parsing.
  std::vector<ConfigurationFault> checkMachine() const;

  // Variables that begin with JACKFIELD_ and override nothing. Not a fault: container platforms set variables named
  // after a service (JACKFIELD_SERVICE_HOST) into every process.
  const std::vector<std::string>& unusedVariables() const noexcept { return unused_variables_; }

 private:
  struct Reader;

  std::array<std::string, settingTable.size()> values_;
  std::array<std::int64_t, settingTable.size()> numbers_{};
  std::vector<std::string> unused_variables_;
};

// What `jackfieldd --check` prints and returns: 0 and "…: ok", or 2 and a line for each fault.
int checkConfiguration(const std::filesystem::path& file, const Configuration::Environment& overrides,
                       std::ostream& out);

}  // namespace jackfield::kernel

#endif
