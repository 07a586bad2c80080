// SPDX-License-Identifier: Apache-2.0
// Reads the plugin folder.
#include "catalogue.hpp"

#include <algorithm>

#include <jackfield/json.hpp>

namespace jackfield::kernel {

namespace fs = std::filesystem;
namespace json = boost::json;

Catalogue::Catalogue(const fs::path& plugin_folder, const HostOffer& offer) {
  std::vector<fs::path> folders;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(plugin_folder, failed))
    if (entry.is_directory() && fs::exists(entry.path() / "plugin.json", failed)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) add(folder, offer);
}

void Catalogue::add(const fs::path& folder, const HostOffer& offer) {
  PluginInfo info;
  info.folder = folder.string();
  info.id = folder.filename().string();
  try {
    const Manifest manifest = readManifest(folder, offer, &info.manifest);
    info.id = manifest.id;
    info.version = manifest.version;
    info.name = manifest.name;
    info.capabilities = manifest.capabilities;
    info.error = refusal(manifest);
    if (info.error.empty())
      for (const auto& type : manifest.server_types) {
        auto known = std::make_unique<Known>(Known{folder, manifest, nullptr, Schema(json::value(type.settings))});
        known->type = known->manifest.find(type.type);
        types_[type.type] = std::move(known);
      }
  } catch (const Error& error) {
    info.error = error.what();
  }
  plugins_.push_back(std::move(info));
}

// Two plugins of one name, or two that bring the same server type: the second is not used.
std::string Catalogue::refusal(const Manifest& manifest) const {
  for (const auto& other : plugins_)
    if (other.error.empty() && other.id == manifest.id)
      return "another plugin with the id " + manifest.id + " stands in " + other.folder + ": remove one of the two";
  for (const auto& type : manifest.server_types)
    if (const auto found = types_.find(type.type); found != types_.end())
      return "server type " + type.type + " is brought by plugin " + found->second->manifest.id +
             " already: remove one of the two";
  return {};
}

std::vector<json::object> Catalogue::serverTypes() const {
  std::vector<json::object> out;
  for (const auto& [name, known] : types_) out.push_back(toJson(*known->type).as_object());
  return out;
}

const Catalogue::Known& Catalogue::find(std::string_view type) const {
  if (const auto found = types_.find(type); found != types_.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& [name, known] : types_) names.push_back(name);
  const std::string near = nearest(type, names);
  throw Error(
      Status::notFound, "plugin.type.unknown",
      "no plugin brings server type " + std::string(type) + (near.empty() ? "" : "; did you mean " + near + "?"),
      "/type", std::string(type));
}

void Catalogue::validate(std::string_view type, const json::object& settings) const {
  std::vector<SettingError> errors;
  for (auto& error : find(type).schema.check(settings))
    errors.push_back({std::move(error.pointer), std::move(error.value), std::move(error.rule)});
  if (!errors.empty()) throw SettingsError(std::move(errors));
}

json::object Catalogue::withDefaults(std::string_view type, const json::object& settings) const {
  return find(type).schema.withDefaults(settings).as_object();
}

}  // namespace jackfield::kernel
