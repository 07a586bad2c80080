// SPDX-License-Identifier: Apache-2.0
// Following references to secrets.
#include "services/secret_reference.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace jackfield::services {
namespace {

constexpr std::size_t longest_secret = 4096;

std::optional<std::string> fromFile(const std::string& path, const std::filesystem::path& folder) {
  std::error_code failed;
  const auto root = std::filesystem::canonical(folder, failed);
  if (failed) return std::nullopt;
  const auto file = std::filesystem::canonical(root / path, failed);
  if (failed || !std::filesystem::is_regular_file(file, failed)) return std::nullopt;
  // A path that leads out of the folder, by ".." or by a link, is not there.
  if (std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end()) return std::nullopt;
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty() || line.size() > longest_secret) return std::nullopt;
  return line;
}

std::optional<std::string> follow(const std::string& reference, const std::filesystem::path& folder) {
  if (reference.starts_with("file:")) return fromFile(reference.substr(5), folder);
  if (!reference.starts_with("env:")) return std::nullopt;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment of a running host
  const char* value = std::getenv(reference.substr(4).c_str());
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

const boost::json::string* referenceIn(const boost::json::value& value) {
  const auto* object = value.if_object();
  const auto* reference = object && object->size() == 1 ? object->if_contains("secretRef") : nullptr;
  return reference ? reference->if_string() : nullptr;
}

}  // namespace

void resolveSecrets(boost::json::value& settings, const std::string& pointer,
                    const std::filesystem::path& secrets_folder, std::vector<model::FieldError>& wrong) {
  if (const auto* reference = referenceIn(settings)) {
    const std::string name(reference->begin(), reference->end());
    if (const auto secret = follow(name, secrets_folder)) {
      settings = boost::json::string(*secret);
      return;
    }
    wrong.push_back({pointer, name.substr(0, 80),
                     "env:NAME of a variable that is set, or file:PATH of a file with one line in the secrets folder"});
    settings = nullptr;
  } else if (auto* object = settings.if_object()) {
    for (auto& [name, member] : *object)
      resolveSecrets(member, pointer + "/" + std::string(name), secrets_folder, wrong);
  } else if (auto* items = settings.if_array()) {
    for (std::size_t i = 0; i < items->size(); ++i)
      resolveSecrets((*items)[i], pointer + "/" + std::to_string(i), secrets_folder, wrong);
  }
}

}  // namespace jackfield::services
