// SPDX-License-Identifier: Apache-2.0
// The plugins that there are, from their manifests alone, and the settings of their server types.
#ifndef JACKFIELD_KERNEL_CATALOGUE_HPP
#define JACKFIELD_KERNEL_CATALOGUE_HPP

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holder/manifest.hpp"
#include "holder/schema.hpp"
#include "plugins.hpp"

namespace jackfield::kernel {

// Immutable: any thread.
class Catalogue {
 public:
  struct Known {
    std::filesystem::path folder;
    Manifest manifest;
    const ServerType* type;
    Schema schema;
  };

  Catalogue(const std::filesystem::path& plugin_folder, const HostOffer& offer);

  const std::vector<PluginInfo>& plugins() const { return plugins_; }
  std::vector<boost::json::object> serverTypes() const;
  // Throws Error notFound, with the nearest name.
  const Known& find(std::string_view type) const;
  // Throws SettingsError.
  void validate(std::string_view type, const boost::json::object& settings) const;
  boost::json::object withDefaults(std::string_view type, const boost::json::object& settings) const;

 private:
  void add(const std::filesystem::path& folder, const HostOffer& offer);
  std::string refusal(const Manifest& manifest) const;

  std::vector<PluginInfo> plugins_;
  std::map<std::string, std::unique_ptr<Known>, std::less<>> types_;
};

}  // namespace jackfield::kernel

#endif
