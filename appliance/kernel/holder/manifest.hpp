// SPDX-License-Identifier: Apache-2.0
// plugin.json: what a plugin says about itself before any of it is executed.
#ifndef JACKFIELD_KERNEL_HOLDER_MANIFEST_HPP
#define JACKFIELD_KERNEL_HOLDER_MANIFEST_HPP

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json.hpp>

namespace jackfield::kernel {

struct ServerType {
  std::string type;
  std::string kind;
  std::string label;
  std::string capability;
  boost::json::object settings;  // JSON Schema
};
BOOST_DESCRIBE_STRUCT(ServerType, (), (type, kind, label, capability, settings))

// sdk/schemas/manifest.json describes the members.
struct Needs {
  std::string network = "none";
  unsigned memory_mb = 512;
  unsigned descriptors = 1024;
};
BOOST_DESCRIBE_STRUCT(Needs, (), (network, memory_mb, descriptors))

struct Manifest {
  std::string id;
  std::string version;
  unsigned abi = 0;
  std::string library;
  std::string name;
  std::string process = "any";
  std::string threads = "own";
  std::string loop = "lent";
  unsigned workers = 0;
  unsigned stop_ms = 10000;
  Needs needs;
  std::vector<std::string> capabilities;
  std::vector<std::string> requires_;  // "requires" in JSON
  std::vector<ServerType> server_types;

  const ServerType* find(std::string_view type) const;
};
BOOST_DESCRIBE_STRUCT(Manifest, (),
                      (id, version, abi, library, name, process, threads, loop, workers, stop_ms, needs, capabilities,
                       requires_, server_types))

// What this host speaks: the second half of the negotiation.
struct HostOffer {
  std::vector<std::string> capabilities{"call-control/1", "directory/1"};
  std::vector<std::string> services{"storage/1"};
};

// Reads and judges folder/plugin.json; nothing is mapped. Throws Error with a code and a sentence of its own for each
// fault: plugin.manifest.missing, .unreadable, .json, .invalid, plugin.abi.newer, plugin.abi.older,
// plugin.manifest.folder, plugin.manifest.posture, plugin.manifest.schema, plugin.capability.unknown,
// plugin.service.unknown. `document` receives plugin.json as it stands, as soon as it is JSON.
Manifest readManifest(const std::filesystem::path& folder, const HostOffer& offer,
                      boost::json::object* document = nullptr);

// The same for the text of a plugin.json that stands in no folder; `name` is what its sentences call it.
Manifest parseManifest(const std::string& text, const std::string& name, const HostOffer& offer,
                       boost::json::object* document = nullptr);

}  // namespace jackfield::kernel

#endif
