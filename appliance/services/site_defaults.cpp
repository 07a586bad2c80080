// SPDX-License-Identifier: Apache-2.0
// The site's defaults as a document of the store.
#include "services/site_defaults.hpp"

#include <jackfield/json.hpp>

#include "store/configuration_store.hpp"

namespace jackfield::services {
namespace {

constexpr const char* document = "defaults";

}  // namespace

Defaults SiteDefaults::get() const {
  const auto stored = store_.document(document);
  return stored ? fromJson<Defaults>(*stored) : Defaults();
}

void SiteDefaults::set(const Defaults& defaults) {
  store_.saveDocument(document, toJson(defaults));
}

}  // namespace jackfield::services
