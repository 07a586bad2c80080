// SPDX-License-Identifier: Apache-2.0
// The first step of the hand-shake: the manifest.
#include "manifest.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <jackfield/abi/entry.h>
#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

#include "schema.hpp"
#include "schemas.hpp"

namespace jackfield::kernel {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t manifest_limit = 1 << 20;

std::string readFile(const fs::path& file) {
  std::error_code failed;
  if (!fs::is_directory(file.parent_path(), failed) || !fs::exists(file, failed))
    throw Error(Status::notFound, "plugin.manifest.missing",
                "there is no " + file.string() + ": a plugin is a folder with plugin.json beside its library");
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in)
    throw Error(Status::invalid, "plugin.manifest.unreadable", file.string() + " cannot be read: check its rights");
  if (text.size() > manifest_limit)
    throw Error(Status::invalid, "plugin.manifest.unreadable", file.string() + " is larger than 1 MiB");
  return text;
}

json::value parse(const std::string& text, const std::string& name) {
  try {
    return parseJson(text);
  } catch (const Error& error) {
    throw Error(Status::invalid, "plugin.manifest.json", name + " is " + error.what());
  }
}

void checkSchema(const std::string& name, const json::value& document) {
  static const Schema schema(parseJson(manifest_schema));
  const auto errors = schema.check(document);
  if (errors.empty()) return;
  std::string text = name;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    text += (i ? "; " : ": ") + (errors[i].pointer.empty() ? std::string("the document") : errors[i].pointer) + " ";
    text += errors[i].value + (errors[i].value.empty() ? "" : " ") + errors[i].rule;
  }
  throw Error(Status::invalid, "plugin.manifest.invalid", text, errors[0].pointer, errors[0].value);
}

void checkAbi(const Manifest& manifest) {
  if (manifest.abi > JF_ABI_MAJOR)
    throw Error(Status::unsupported, "plugin.abi.newer",
                manifest.id + " was built for plugin ABI " + std::to_string(manifest.abi) + ", this host has " +
                    std::to_string(JF_ABI_MAJOR) + ": update Jackfield, or install an older release of the plugin",
                "/abi", std::to_string(manifest.abi));
  if (manifest.abi < JF_ABI_MAJOR)
    throw Error(Status::unsupported, "plugin.abi.older",
                manifest.id + " was built for plugin ABI " + std::to_string(manifest.abi) + ", this host needs " +
                    std::to_string(JF_ABI_MAJOR) + ": install a newer release of the plugin",
                "/abi", std::to_string(manifest.abi));
}

// "directory/2" where the host has "directory/1" deserves another sentence than a name never heard of.
void checkKnown(const Manifest& manifest, const std::vector<std::string>& wanted,
                const std::vector<std::string>& offered, const char* code, const std::string& what) {
  for (const auto& name : wanted) {
    if (std::find(offered.begin(), offered.end(), name) != offered.end()) continue;
    const std::string stem = name.substr(0, name.find('/') + 1);
    std::string other;
    for (const auto& one : offered)
      if (one.starts_with(stem)) other = one;
    const std::string advice = other.empty() ? "update Jackfield if a newer release knows it, or remove the plugin"
                                             : "this host speaks " + other + ": install the release of " + manifest.id +
                                                   " or of Jackfield that fits the other";
    throw Error(Status::unsupported, code,
                manifest.id + " " + what + " " + name + ", which this host does not have; " + advice, {}, name);
  }
}

void checkTogether(const std::string& name, const Manifest& manifest) {
  if (manifest.loop == "own" && manifest.threads == "shared")
    throw Error(
        Status::invalid, "plugin.manifest.posture",
        manifest.id + ": \"loop\": \"own\" needs a thread for each instance, \"threads\": \"shared\" refuses it",
        "/threads", "shared");
  for (const auto& type : manifest.server_types) {
    const auto at = "/serverTypes/" + type.type;
    if (std::find(manifest.capabilities.begin(), manifest.capabilities.end(), type.capability) ==
        manifest.capabilities.end())
      throw Error(Status::invalid, "plugin.manifest.posture",
                  manifest.id + ": server type " + type.type + " names capability " + type.capability +
                      ", which \"capabilities\" does not list",
                  at, type.capability);
    try {
      // Defaults pass their own schema; required members without default are the administrator's to give.
      const Schema schema{json::value(type.settings)};
      for (const auto& error : schema.check(schema.withDefaults(json::object())))
        if (error.rule != "is missing")
          throw Error(Status::invalid, "plugin.manifest.schema",
                      "the default of " + error.pointer + ", " + error.value + ", " + error.rule);
    } catch (const Error& error) {
      throw Error(Status::invalid, "plugin.manifest.schema",
                  name + ": settings of server type " + type.type + ": " + error.what(), at);
    }
  }
}

}  // namespace

const ServerType* Manifest::find(std::string_view type) const {
  const auto found =
      std::find_if(server_types.begin(), server_types.end(), [&](const auto& t) { return t.type == type; });
  return found == server_types.end() ? nullptr : &*found;
}

Manifest readManifest(const fs::path& folder, const HostOffer& offer, json::object* document) {
  const fs::path file = folder / "plugin.json";
  return parseManifest(readFile(file), file.string(), offer, document);
}

Manifest parseManifest(const std::string& text, const std::string& name, const HostOffer& offer,
                       json::object* document) {
  const json::value parsed = parse(text, name);
  if (document && parsed.is_object()) *document = parsed.get_object();
  checkSchema(name, parsed);
  auto manifest = fromJson<Manifest>(parsed);
  checkAbi(manifest);
  checkKnown(manifest, manifest.capabilities, offer.capabilities, "plugin.capability.unknown", "offers capability");
  checkKnown(manifest, manifest.requires_, offer.services, "plugin.service.unknown", "requires service");
  checkTogether(name, manifest);
  return manifest;
}

}  // namespace jackfield::kernel
