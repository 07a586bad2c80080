// SPDX-License-Identifier: Apache-2.0
// Reads and writes the profile.
#include "cli/profile.hpp"

#include <fstream>

#include <yaml-cpp/yaml.h>

#include "cli/failure.hpp"

namespace jackfield::cli {

namespace fs = std::filesystem;

namespace {

constexpr auto othersMode = fs::perms::group_all | fs::perms::others_all;

std::string variable(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

void readMember(const YAML::Node& document, const std::string& name, std::string& value) {
  if (const auto node = document[name]) value = node.as<std::string>();
}

Profile readFile(const fs::path& file) {
  Profile profile;
  try {
    const YAML::Node document = YAML::LoadFile(file);
    for (const auto& member : document) {
      const auto name = member.first.as<std::string>();
      if (name != "server" && name != "token" && name != "ca")
        throw Failure(ExitCode::usage, file.string() + ": " + name + " is not one of server, token, ca");
    }
    readMember(document, "server", profile.server);
    readMember(document, "token", profile.token);
    readMember(document, "ca", profile.ca);
  } catch (const YAML::Exception& error) {
    throw Failure(ExitCode::usage, file.string() + ": " + error.what());
  }
  if (!profile.token.empty() && (fs::status(file).permissions() & othersMode) != fs::perms::none)
    throw Failure(ExitCode::usage,
                  file.string() + ": holds a token and others may read it; run: chmod 600 " + file.string());
  return profile;
}

}  // namespace

fs::path profileFile(const Variables& variables) {
  if (const auto given = variable(variables, "JACKFIELD_CONFIG"); !given.empty()) return given;
  if (const auto folder = variable(variables, "XDG_CONFIG_HOME"); !folder.empty())
    return fs::path(folder) / "jackfield" / "cli.yaml";
  return fs::path(variable(variables, "HOME")) / ".config" / "jackfield" / "cli.yaml";
}

Profile loadProfile(const fs::path& file, const Variables& variables) {
  Profile profile = fs::exists(file) ? readFile(file) : Profile{};
  const auto override_by = [&](const std::string& name, std::string& value) {
    if (const auto given = variable(variables, name); !given.empty()) value = given;
  };
  override_by("JACKFIELD_URL", profile.server);
  override_by("JACKFIELD_TOKEN", profile.token);
  override_by("JACKFIELD_CA", profile.ca);
  return profile;
}

void saveProfile(const fs::path& file, const Profile& profile) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "server" << YAML::Value << YAML::DoubleQuoted << profile.server;
  if (!profile.token.empty()) out << YAML::Key << "token" << YAML::Value << YAML::DoubleQuoted << profile.token;
  if (!profile.ca.empty()) out << YAML::Key << "ca" << YAML::Value << YAML::DoubleQuoted << profile.ca;
  out << YAML::EndMap;
  const fs::path fresh = file.string() + ".new";
  try {
    fs::create_directories(file.parent_path());
    std::ofstream(fresh).close();
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);  // before the token is in it
    if (std::ofstream written(fresh); !(written << out.c_str() << "\n") || !written.flush())
      throw Failure(ExitCode::failed, fresh.string() + " cannot be written");
    fs::rename(fresh, file);
  } catch (const fs::filesystem_error& error) {
    throw Failure(ExitCode::failed, error.what());
  }
}

}  // namespace jackfield::cli
