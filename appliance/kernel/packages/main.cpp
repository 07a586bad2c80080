// SPDX-License-Identifier: Apache-2.0
// jackfield-package: judges, shows, installs, takes back and removes packages of plugins, without a running host.
// It exits with 0, with 1 after one sentence on stderr, or with CLI11's code for a wrong command line.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>

#include <CLI/CLI.hpp>
#include <sys/utsname.h>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

#include "kernel/packages/installed.hpp"
#include "kernel/packages/rating.hpp"

using namespace jackfield;
using namespace jackfield::kernel;
using namespace jackfield::kernel::packages;

namespace {

struct Options {
  std::string plugins = "/usr/lib/jackfield/plugins";
  std::string trust = "/etc/jackfield/trusted-keys.json";
  bool developer = false;
  bool older = false;
  std::string file;
  std::string id;
};

Policy policyOf(const Options& options, const std::map<std::string, std::string>& installed) {
  struct utsname system {};
  ::uname(&system);
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char today[16];
  struct tm parts {};
  std::strftime(today, sizeof today, "%Y-%m-%d", ::gmtime_r(&now, &parts));
  return {.trust = TrustStore::read(options.trust),
          .today = today,
          .machine = system.machine,
          .offer = {},
          .developer = options.developer,
          .installed = installed,
          .older = options.older};
}

// What an administrator wants to know before it is installed.
void show(const Package& package) {
  const auto& manifest = package.manifest();
  std::cout << manifest.name << " (" << manifest.id << " " << manifest.version << ")\n  signed by  "
            << (package.signer().empty() ? "nobody" : package.signer() + " (" + nameOf(package.rung()) + ")")
            << "\n  offers     ";
  for (const auto& capability : manifest.capabilities) std::cout << capability << " ";
  std::cout << "\n  is given   network " << manifest.needs.network << ", " << manifest.needs.memory_mb
            << " MiB of memory, " << manifest.needs.descriptors << " descriptors\n";
  const auto rating = rate(manifest, package.rung());
  std::cout << "  risk       " << nameOf(rating.risk) << "\n";
  for (const auto& reason : rating.reasons)
    std::cout << "             " << nameOf(reason.risk) << ": " << reason.text << "\n";
}

void inspect(const Options& options) {
  show(Package::open(options.file, policyOf(options, {})));
}

void install(const Options& options) {
  Installed installed(options.plugins);
  const auto package = Package::open(options.file, policyOf(options, installed.versions()));
  show(package);
  installed.install(package);
  std::cout << "installed in " << options.plugins << "; jackfieldd uses it from its next start\n";
}

void list(const Options& options) {
  const Installed installed(options.plugins);
  for (const auto& [id, version] : installed.versions()) {
    std::cout << id << " " << version;
    for (const auto& other : installed.kept(id))
      if (other != version) std::cout << " (kept: " << other << ")";
    std::cout << "\n";
  }
}

void rollBack(const Options& options) {
  std::cout << options.id << " " << Installed(options.plugins).rollBack(options.id)
            << " is in use from the next start of jackfieldd\n";
}

void remove(const Options& options) {
  Installed(options.plugins).remove(options.id);
  std::cout << options.id << " is removed\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Packages of plugins: shows, installs, takes back and removes them.", "jackfield-package");
  app.require_subcommand(1);
  app.add_option("--plugins", options.plugins, "the folder of plugins")->capture_default_str();
  app.add_option("--trust", options.trust, "the file of trusted keys")->capture_default_str();
  app.add_flag("--developer", options.developer, "take an unsigned package too");
  const auto command = [&](const char* name, const char* text, void (*run)(const Options&)) {
    auto* one = app.add_subcommand(name, text);
    one->callback([&options, run] { run(options); });
    return one;
  };
  command("inspect", "Judge a package and show what it may do.", inspect)->add_option("FILE", options.file)->required();
  auto* installing = command("install", "Install a package, or update to it.", install);
  installing->add_option("FILE", options.file)->required();
  installing->add_flag("--older", options.older, "also one that is older than the installed");
  command("list", "List what packages brought.", list);
  command("rollback", "Go back to the version that is kept.", rollBack)->add_option("ID", options.id)->required();
  command("remove", "Remove a plugin with all its versions.", remove)->add_option("ID", options.id)->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "jackfield-package: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
