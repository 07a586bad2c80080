// SPDX-License-Identifier: Apache-2.0
// Reads jackfield.conf and its overrides, and finds everything that is wrong in one pass. Poco's property files are not
// used for the reading itself because they forget line numbers, repeated keys and lines without '='.
#include "kernel/base/configuration.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <optional>
#include <ostream>
#include <sstream>

#include <Poco/Net/IPAddress.h>
#include <Poco/NumberParser.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <unistd.h>

namespace jackfield::kernel {

namespace {

constexpr std::string_view variablePrefix = "JACKFIELD_";
// Used by the programs beside the host, in the same environment.
constexpr std::array<std::string_view, 6> otherVariables = {
    "JACKFIELD_URL", "JACKFIELD_TOKEN", "JACKFIELD_CA", "JACKFIELD_LOGIN", "JACKFIELD_PASSWORD", "JACKFIELD_CONFIG"};

std::string shortened(const std::string& value) {
  return value.size() <= 80 ? value : value.substr(0, 77) + "...";
}

// Levenshtein distance, letters compared without case.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// A key further away than a third of its length is no misspelling, and suggesting it would mislead.
std::string nearestKey(const std::string& key) {
  const std::string lower = Poco::toLower(key);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, key.size() / 3) + 1;
  for (const Setting& setting : settingTable) {
    const std::size_t d = distance(lower, Poco::toLower(std::string(setting.key)));
    if (d < best_distance) {
      best_distance = d;
      best = setting.key;
    }
  }
  return best;
}

std::optional<std::size_t> find(const std::string& key) {
  for (std::size_t i = 0; i < settingTable.size(); ++i)
    if (settingTable[i].key == key) return i;
  return std::nullopt;
}

std::string numberRule(const Setting& setting) {
  return "is not a whole number from " + std::to_string(setting.minimum) + " to " + std::to_string(setting.maximum) +
         (setting.unit.empty() ? "" : " (" + std::string(setting.unit) + ")");
}

std::string choiceRule(const Setting& setting) {
  return "is not one of " + Poco::replace(std::string(setting.choices), "|", ", ");
}

bool isChoice(const Setting& setting, const std::string& value) {
  const Poco::StringTokenizer choices(std::string(setting.choices), "|");
  return choices.has(value);
}

// Empty when the value is good.
std::string brokenRule(const Setting& setting, const std::string& value, std::int64_t& number) {
  switch (setting.type) {
    case SettingType::number: {
      Poco::Int64 parsed = 0;
      if (!Poco::NumberParser::tryParse64(value, parsed) || parsed < setting.minimum || parsed > setting.maximum)
        return numberRule(setting);
      number = parsed;
      return {};
    }
    case SettingType::flag:
      return value == "true" || value == "false" ? "" : "is not true or false";
    case SettingType::choice:
      return isChoice(setting, value) ? "" : choiceRule(setting);
    case SettingType::path:
      return value.empty() ? "is empty, and must be a path" : "";
    case SettingType::text:
      return value.empty() && !setting.fallback.empty() ? "is empty, and must be a text" : "";
  }
  return "has an unknown type";
}

bool isAddress(const std::string& text) {
  Poco::Net::IPAddress address;
  return Poco::Net::IPAddress::tryParse(text, address);
}

bool isLoopback(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

std::string joined(const std::vector<ConfigurationFault>& faults) {
  std::string text;
  for (const auto& fault : faults) text += (text.empty() ? "" : "\n") + fault.sentence();
  return text;
}

}  // namespace

std::string ConfigurationFault::sentence() const {
  std::string text = where + ": " + key;
  if (!value.empty()) text += " = " + value;
  text += " " + rule;
  if (!nearest.empty()) text += "; did you mean " + nearest + "?";
  return text;
}

ConfigurationError::ConfigurationError(std::vector<ConfigurationFault> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

// Collects faults instead of stopping at the first.
struct Configuration::Reader {
  Configuration& configuration;
  std::vector<ConfigurationFault> faults;
  std::array<std::string, settingTable.size()> where;  // each value's origin, for the rules that join two keys

  void set(std::size_t index, const std::string& value, const std::string& origin) {
    const Setting& setting = settingTable[index];
    std::int64_t number = 0;
    where[index] = origin;
    if (const std::string rule = brokenRule(setting, value, number); !rule.empty()) {
      faults.push_back({origin, std::string(setting.key), shortened(value), rule, {}});
      return;
    }
    configuration.values_[index] = value;
    configuration.numbers_[index] = number;
  }

  void readLine(const std::string& line, const std::string& origin, const std::filesystem::path& folder) {
    const std::string text = Poco::trim(line);
    if (text.empty() || text[0] == '#') return;
    const auto equals = text.find('=');
    const std::string key = Poco::trim(text.substr(0, equals));
    if (equals == std::string::npos || key.empty()) {
      faults.push_back({origin, shortened(text), {}, "is not a line of the form key = value", nearestKey(key)});
      return;
    }
    std::string value = Poco::trim(text.substr(equals + 1));
    const auto index = find(key);
    if (!index) {
      faults.push_back({origin, key, shortened(value), "is not a known key", nearestKey(key)});
      return;
    }
    if (!where[*index].empty()) {
      faults.push_back({origin, key, shortened(value), "was set before, in " + where[*index], {}});
      return;
    }
    if (settingTable[*index].type == SettingType::path && !value.empty()) value = (folder / value).lexically_normal();
    set(*index, value, origin);
  }

  void readFile(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
      faults.push_back({file.string(), "the file", {}, "cannot be read; jackfieldd --print-config makes one", {}});
      return;
    }
    const auto folder = std::filesystem::absolute(file).parent_path();
    std::string line;
    for (int number = 1; std::getline(in, line); ++number)
      readLine(line, file.filename().string() + ":" + std::to_string(number), folder);
  }

  void readOverrides(const Environment& overrides) {
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < settingTable.size(); ++i) known[variable(settingTable[i].key)] = i;
    for (const auto& [name, value] : overrides) {
      if (const auto hit = known.find(name); hit != known.end())
        set(hit->second, value, name);
      else if (name.starts_with(variablePrefix) && std::ranges::find(otherVariables, name) == otherVariables.end())
        configuration.unused_variables_.push_back(name);
    }
  }

  void checkTogether() {
    constexpr auto host = settingIndex("http.host");
    constexpr auto plain = settingIndex("http.plain");
    const std::string& address = configuration.values_[host];
    if (!isAddress(address) && address != "localhost")
      faults.push_back({originOf(host), "http.host", address, "is not an IP address; 0.0.0.0 listens everywhere", {}});
    else if (configuration.values_[plain] == "true" && !isLoopback(address))
      faults.push_back({originOf(plain),
                        "http.plain",
                        "true",
                        "is accepted only when http.host is a loopback address, and that is " + address +
                            "; set it to false and give http.certificate and http.privateKey",
                        {}});
  }

  std::string originOf(std::size_t index) const { return where[index].empty() ? "the default" : where[index]; }
};

Configuration::Configuration() {
  for (std::size_t i = 0; i < settingTable.size(); ++i) {
    values_[i] = settingTable[i].fallback;
    brokenRule(settingTable[i], values_[i], numbers_[i]);
  }
}

Configuration Configuration::load(const std::filesystem::path& file, const Environment& overrides) {
  Configuration configuration;
  Reader reader{configuration, {}, {}};
  if (!file.empty()) reader.readFile(file);
  reader.readOverrides(overrides);
  reader.checkTogether();
  if (!reader.faults.empty()) throw ConfigurationError(std::move(reader.faults));
  return configuration;
}

Configuration::Environment Configuration::environment() {
  Environment found;
  for (char** entry = ::environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with(variablePrefix) && equals != std::string_view::npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

std::string Configuration::variable(std::string_view key) {
  return std::string(variablePrefix) + Poco::replace(Poco::toUpper(std::string(key)), ".", "_");
}

std::string Configuration::sample() {
  std::ostringstream out;
  out << "# Configuration of jackfieldd. A line that begins with '#' is a comment; every key shows its default.\n"
      << "# Each can be given in the environment too: http.port is " << variable("http.port") << ".\n"
      << "# `jackfieldd --check` lists everything that is wrong in this file.\n";
  for (const Setting& setting : settingTable) {
    out << "\n# " << setting.text << "\n";
    if (setting.type == SettingType::number)
      out << "# From " << setting.minimum << " to " << setting.maximum << (setting.unit.empty() ? "" : " ")
          << setting.unit << ".\n";
    if (setting.type == SettingType::choice)
      out << "# One of " << Poco::replace(std::string(setting.choices), "|", ", ") << ".\n";
    out << "#" << setting.key << " = " << setting.fallback << "\n";
  }
  return out.str();
}

std::vector<ConfigurationFault> Configuration::checkMachine() const {
  std::vector<ConfigurationFault> faults;
  const auto check = [&](std::size_t index, int mode, const std::string& rule) {
    if (::access(values_[index].c_str(), mode) != 0)
      faults.push_back({"this machine", std::string(settingTable[index].key), values_[index], rule, {}});
  };
  check(settingIndex("data.folder"), R_OK | W_OK | X_OK, "is not a folder that this account may write to");
  check(settingIndex("plugins.folder"), R_OK | X_OK, "is not a folder that this account may read");
  if (choice("plugins.hosting") == "ownProcess")
    check(settingIndex("plugins.host"), X_OK, "is not a program that this account may run");
  // Where neither is there, the gateway makes a certificate of its own.
  const bool own =
      ::access(path("http.certificate").c_str(), F_OK) != 0 && ::access(path("http.privateKey").c_str(), F_OK) != 0;
  if (!flag("http.plain") && !own) {
    check(settingIndex("http.certificate"), R_OK, "is not a file that this account may read");
    check(settingIndex("http.privateKey"), R_OK, "is not a file that this account may read");
  }
  return faults;
}

int checkConfiguration(const std::filesystem::path& file, const Configuration::Environment& overrides,
                       std::ostream& out) {
  std::vector<ConfigurationFault> faults;
  std::vector<std::string> unused;
  try {
    const auto configuration = Configuration::load(file, overrides);
    faults = configuration.checkMachine();
    unused = configuration.unusedVariables();
  } catch (const ConfigurationError& error) {
    faults = error.faults();
  }
  for (const auto& name : unused) out << name << ": overrides no key\n";
  for (const auto& fault : faults) out << fault.sentence() << "\n";
  out << (file.empty() ? "the configuration" : file.string()) << ": "
      << (faults.empty() ? "ok" : std::to_string(faults.size()) + " wrong") << "\n";
  return faults.empty() ? 0 : 2;
}

}  // namespace jackfield::kernel
