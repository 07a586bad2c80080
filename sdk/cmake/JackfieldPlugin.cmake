# SPDX-License-Identifier: Apache-2.0
# jackfield_add_plugin: one call makes a plugin folder (library, plugin.json, messages.json).
#
#   jackfield_add_plugin(NAME SOURCES a.cpp b.cpp [ENTRY entry.cpp] [LIBS libs...]
#                        MANIFEST plugin.json [MESSAGES messages.json] [OUTPUT folder] [LANGUAGE C])
#
# makes
#   plugin_<NAME>        the module lib<NAME>.so in <build>/plugins/<NAME>/ (or OUTPUT/<NAME>/), exporting jf_plugin_entry_1 alone;
#   plugin_<NAME>_core   the objects of SOURCES with all that they need, to link the plugin's unit tests to.
# ENTRY is the source with JACKFIELD_PLUGIN(), kept out of the core so that a test may link several plugins.
# LANGUAGE C: a plugin on the C ABI alone; the project needs no C++ compiler, and nothing but libc is linked.

# Boost.JSON compiled once for all plugins of this build.
function(jackfield_plugin_json)
  if(TARGET jackfield_plugin_json)
    return()
  endif()
  find_package(Boost 1.81 REQUIRED)
  add_library(jackfield_plugin_json STATIC ${JACKFIELD_SDK_SOURCE_DIR}/json.cpp)
  set_target_properties(jackfield_plugin_json PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  target_compile_features(jackfield_plugin_json PUBLIC cxx_std_20)
  target_link_libraries(jackfield_plugin_json PUBLIC Boost::headers)
  target_compile_definitions(jackfield_plugin_json PUBLIC BOOST_JSON_NO_LIB)
endfunction()

function(jackfield_add_plugin name)
  cmake_parse_arguments(arg "" "ENTRY;MANIFEST;MESSAGES;OUTPUT;LANGUAGE" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_SOURCES AND NOT arg_ENTRY)
    message(FATAL_ERROR "jackfield_add_plugin(${name}): SOURCES or ENTRY is missing")
  endif()
  if(NOT arg_MANIFEST)
    message(FATAL_ERROR "jackfield_add_plugin(${name}): MANIFEST plugin.json is missing")
  endif()
  if(arg_LANGUAGE STREQUAL "C")
    set(needs ${arg_LIBS} jackfield::abi)
  else()
    set(arg_LANGUAGE CXX)
    jackfield_plugin_json()
    find_package(Threads REQUIRED)
    set(needs ${arg_LIBS} jackfield::sdk jackfield_plugin_json Threads::Threads)
  endif()
  if(NOT arg_OUTPUT)
    set(arg_OUTPUT ${CMAKE_BINARY_DIR}/plugins)
    install(DIRECTORY ${arg_OUTPUT}/${name} DESTINATION lib/jackfield/plugins COMPONENT plugins
      FILES_MATCHING PATTERN "*.so" PATTERN "*.json")
  endif()
  set(folder ${arg_OUTPUT}/${name})
  set(hidden POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  set(flags $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)

  if(arg_SOURCES)
    add_library(plugin_${name}_core OBJECT ${arg_SOURCES})
    target_link_libraries(plugin_${name}_core PUBLIC ${needs})
    set_target_properties(plugin_${name}_core PROPERTIES ${hidden})
    target_compile_options(plugin_${name}_core PRIVATE ${flags})
    list(PREPEND needs plugin_${name}_core)
  endif()

  add_library(plugin_${name} MODULE ${arg_ENTRY})
  target_link_libraries(plugin_${name} PRIVATE ${needs})
  target_compile_options(plugin_${name} PRIVATE ${flags})
  target_link_options(plugin_${name} PRIVATE -Wl,--version-script=${JACKFIELD_SDK_SOURCE_DIR}/plugin.map)
  set_target_properties(plugin_${name} PROPERTIES
    OUTPUT_NAME ${name} PREFIX lib SUFFIX .so LINKER_LANGUAGE ${arg_LANGUAGE} ${hidden}
    LINK_DEPENDS ${JACKFIELD_SDK_SOURCE_DIR}/plugin.map
    LIBRARY_OUTPUT_DIRECTORY ${folder})

  set(documents)
  foreach(document MANIFEST MESSAGES)
    if(arg_${document})
      get_filename_component(from ${arg_${document}} ABSOLUTE)
      if(document STREQUAL "MANIFEST")
        set(to ${folder}/plugin.json)
      else()
        set(to ${folder}/messages.json)
      endif()
      add_custom_command(OUTPUT ${to} DEPENDS ${from}
        COMMAND ${CMAKE_COMMAND} -E copy ${from} ${to} VERBATIM)
      list(APPEND documents ${to})
    endif()
  endforeach()
  add_custom_target(plugin_${name}_documents ALL DEPENDS ${documents})
  add_dependencies(plugin_${name} plugin_${name}_documents)
endfunction()
