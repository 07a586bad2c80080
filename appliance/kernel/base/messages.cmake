# SPDX-License-Identifier: Apache-2.0
# Builds every messages.json of the host's rooms into one source file, so that jackfieldd explains its codes wherever
# it is installed. A plugin's catalogue stays a file in its folder.
file(GLOB_RECURSE catalogues CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/appliance/*/messages.json)
list(FILTER catalogues EXCLUDE REGEX "node_modules|/web/|/cli/")
set(generated "// Generated from the rooms' messages.json.\n#include <span>\n#include <string_view>\n")
string(APPEND generated "namespace jackfield::kernel {\nnamespace {\nconstexpr std::string_view documents[] = {\n\"[]\"")
foreach(catalogue IN LISTS catalogues)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${catalogue})
  file(READ ${catalogue} text)
  string(APPEND generated ",\nR\"jackfield(${text})jackfield\"")
endforeach()
string(APPEND generated "};\n}  // namespace\n")
string(APPEND generated "std::span<const std::string_view> builtInMessages();\n")
string(APPEND generated "std::span<const std::string_view> builtInMessages() { return documents; }\n}\n")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/built_in_messages.cpp CONTENT "${generated}" @ONLY)
