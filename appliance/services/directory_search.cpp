// SPDX-License-Identifier: Apache-2.0
// Directory search: rights and bounds; the store's index does the rest.
#include "services/directory_search.hpp"

#include "services/paging.hpp"

namespace jackfield::services {
namespace {

// What a colleague has no business with: where the entry stands and which groups it is in.
void hideInternals(const model::Principal& principal, directory::Person& person) {
  if (principal.may(model::Permission::viewSystem)) return;
  person.dn.clear();
  person.roles.clear();
}

}  // namespace

DirectorySearch::DirectorySearch(const store::People& people) : people_(people) {}

store::PersonPage DirectorySearch::search(const model::Principal& principal, const std::string& text, std::size_t limit,
                                          std::size_t offset) const {
  principal.require(model::Permission::directory);
  requireSearch(text);
  requireLimit(limit);
  auto page = people_.search(text, limit, offset);
  for (auto& person : page.entries) hideInternals(principal, person);
  return page;
}

directory::Person DirectorySearch::get(const model::Principal& principal, const std::string& id) const {
  principal.require(model::Permission::directory);
  auto person = people_.person(id);
  if (!person)
    throw model::Problem(model::Problem::Kind::notFound, "directory.unknown",
                         "id: no such entry in the directory; it may have been removed by a synchronisation");
  hideInternals(principal, *person);
  return *std::move(person);
}

}  // namespace jackfield::services
