// SPDX-License-Identifier: Apache-2.0
// What the two halves of ConfigurationStore share.
#ifndef JACKFIELD_STORE_CONFIGURATION_IMPL_HPP
#define JACKFIELD_STORE_CONFIGURATION_IMPL_HPP

#include "store/configuration_store.hpp"
#include "store/secret_box.hpp"

namespace jackfield::store {

struct ConfigurationStore::Impl {
  Impl(Database& in, const std::filesystem::path& key_file, SecretNames names)
      : database(in), box(key_file), secrets(std::move(names)) {}

  Database& database;
  SecretBox box;
  SecretNames secrets;
};

// Poco gives texts back only up to a NUL: one becomes U+FFFD.
std::string storable(std::string text);

}  // namespace jackfield::store

#endif
