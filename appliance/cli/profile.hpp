// SPDX-License-Identifier: Apache-2.0
// Which server the command talks to and as whom. Command line before environment before ~/.config/jackfield/cli.yaml.
#ifndef JACKFIELD_CLI_PROFILE_HPP
#define JACKFIELD_CLI_PROFILE_HPP

#include <filesystem>
#include <map>
#include <string>

namespace jackfield::cli {

using Variables = std::map<std::string, std::string>;

struct Profile {
  std::string server;  // "https://127.0.0.1:8443"
  std::string token;   // bearer token; empty: not signed in
  std::string ca;      // PEM file that server certificates are checked against; empty: the system's
};

// $JACKFIELD_CONFIG, else $XDG_CONFIG_HOME/jackfield/cli.yaml, else $HOME/.config/jackfield/cli.yaml.
std::filesystem::path profileFile(const Variables& variables);
// The file, overridden by JACKFIELD_URL, JACKFIELD_TOKEN and JACKFIELD_CA. A missing file is an empty profile. Throws
// Failure(usage) for a file that is wrong, or that others may read although it holds a token (CLI-007).
Profile loadProfile(const std::filesystem::path& file, const Variables& variables);
// Mode 0600, replaced in one step.
void saveProfile(const std::filesystem::path& file, const Profile& profile);

}  // namespace jackfield::cli

#endif
