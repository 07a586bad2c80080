// SPDX-License-Identifier: Apache-2.0
// The site's configuration as an administrator types it: it reads back to the same document, or is refused in words.
#include <string>

#include "cli/failure.hpp"
#include "cli/yaml.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  fuzz::Input input(data, size);
  boost::json::value document;
  try {
    document = cli::fromYaml(std::string(input.rest()), "input");
  } catch (const cli::Failure&) {
    return 0;
  }
  fuzz::claim(cli::fromYaml(cli::toYaml(document), "again") == document, "a document reads back as itself");
  return 0;
}
