// SPDX-License-Identifier: Apache-2.0
// Loads a plugin with Boost.DLL from its folder alone.
#include "library.hpp"

#include <map>
#include <mutex>
#include <string>

#include <boost/dll/shared_library.hpp>
#include <sys/stat.h>

#include <jackfield/error.hpp>

namespace jackfield::kernel {

namespace {

namespace fs = std::filesystem;

void refuseWritable(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IWOTH))
    throw Error(
        Status::invalid, "plugin.library.writable",
        path.string() + " can be changed by every user of this machine and is not loaded: chmod o-w " + path.string());
}

fs::path locate(const fs::path& folder, const Manifest& manifest) {
  const fs::path library = folder / manifest.library;
  std::error_code failed;
  if (!fs::exists(library, failed))
    throw Error(Status::notFound, "plugin.library.missing",
                "plugin.json names the library " + manifest.library + ", but there is no " + library.string());
  fs::path real = fs::canonical(library);
  if (real.parent_path() != fs::canonical(folder))
    throw Error(
        Status::invalid, "plugin.library.outside",
        library.string() + " leads out of the plugin's folder, to " + real.string() + ": put the file itself there");
  refuseWritable(real);
  refuseWritable(real.parent_path());
  return real;
}

// What a loader's message usually means.
std::string usualCause(const std::string& text) {
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  if (has("undefined symbol"))
    return "a library is missing in its link, or it was built against another version of one";
  if (has("GLIBC") || has("version `")) return "it was built on a newer system than this one";
  if (has("invalid ELF") || has("wrong ELF") || has("file too short") || has("ELF load command"))
    return "the file is damaged or for another kind of machine";
  if (has("cannot open shared object")) return "a library that it needs is not installed here";
  if (has("Permission denied")) return "the file's rights forbid it";
  return "see the loader's words";
}

const jf_plugin_entry& checkEntry(const fs::path& path, const jf_plugin_entry& entry) {
  const std::string name = path.filename().string();
  const auto refuse = [](Status status, const char* code, const std::string& text) { throw Error(status, code, text); };
  if (entry.magic != JF_ABI_MAGIC)
    refuse(Status::invalid, "plugin.library.magic",
           name + ": its " JF_ENTRY_SYMBOL
                  " does not begin with JF_ABI_MAGIC: it is not a Jackfield plugin, or for "
                  "another kind of machine");
  const std::string built =
      ", built by " + std::string(entry.build.data ? entry.build.data : "?", entry.build.data ? entry.build.size : 1);
  const auto versions = std::to_string(entry.abi_major) + "." + std::to_string(entry.abi_minor) + built +
                        ", this host has " + std::to_string(JF_ABI_MAJOR) + "." + std::to_string(JF_ABI_MINOR);
  if (entry.abi_major > JF_ABI_MAJOR)
    refuse(Status::unsupported, "plugin.abi.newer",
           name + " needs plugin ABI " + versions + ": update Jackfield, or install an older release of the plugin");
  if (entry.abi_major < JF_ABI_MAJOR)
    refuse(Status::unsupported, "plugin.abi.older",
           name + " has plugin ABI " + versions + ": install a newer release of the plugin");
  if (entry.abi_minor > JF_ABI_MINOR)
    refuse(Status::unsupported, "plugin.abi.minor",
           name + " needs plugin ABI " + versions + ", which is older: update Jackfield");
  if (entry.size != sizeof(jf_plugin_entry))
    refuse(Status::invalid, "plugin.entry.size",
           name + ": its entry has " + std::to_string(entry.size) + " octets instead of " +
               std::to_string(sizeof(jf_plugin_entry)) + ": build it again with unchanged SDK headers");
  if (!entry.create) refuse(Status::invalid, "plugin.entry.create", name + ": its entry has no create function");
  return entry;
}

}  // namespace

const jf_plugin_entry& loadLibrary(const fs::path& folder, const Manifest& manifest) {
  static std::mutex mutex;
  static auto& loaded = *new std::map<std::string, boost::dll::shared_library>;  // never freed: see the header
  const fs::path path = locate(folder, manifest);
  const std::lock_guard lock(mutex);
  auto& library = loaded[path.string()];
  if (!library.is_loaded()) {
    try {
      using namespace boost::dll;
      library.load(path.string(), load_mode::rtld_now | load_mode::rtld_local);
    } catch (const std::exception& error) {
      throw Error(Status::invalid, "plugin.library.load",
                  path.string() + " cannot be loaded: " + usualCause(error.what()) + " (" + error.what() + ")");
    }
  }
  if (!library.has(JF_ENTRY_SYMBOL))
    throw Error(Status::invalid, "plugin.library.symbol",
                path.string() +
                    " does not export " JF_ENTRY_SYMBOL
                    ": is JACKFIELD_PLUGIN(Class) missing, or was it built without jackfield_add_plugin()?");
  return checkEntry(path, library.get<const jf_plugin_entry>(JF_ENTRY_SYMBOL));
}

}  // namespace jackfield::kernel
