// SPDX-License-Identifier: Apache-2.0
// Cursors come back from clients and from disk: one that is taken is one that we could have written.
#include <string>

#include <jackfield/error.hpp>

#include "cursor.hpp"
#include "fuzz.hpp"
#include "ldap/filter.hpp"
#include "store/journal.hpp"

namespace {

using namespace jackfield;

void eventCursor(const std::string& text) {
  const auto cursor = store::Cursor::parse(text);
  if (!cursor) return;
  const auto again = store::Cursor::parse(cursor->text());
  fuzz::claim(again && again->epoch == cursor->epoch && again->sequence == cursor->sequence,
              "a cursor of events reads back as itself");
}

void directoryCursor(const std::string& text) {
  try {
    const auto cursor = directory::readCursor(text, "");
    const auto again = directory::readCursor(directory::cursorText(cursor), "");
    fuzz::claim(again.domains.size() == cursor.domains.size(), "a cursor of a directory reads back as itself");
    for (const auto& [domain, point] : cursor.domains) {
      const auto filter = directory::changedSince(point, point);
      fuzz::claim(filter.empty() || !directory::ldap::checkFilter(filter), "the filter of a cursor is well formed");
    }
  } catch (const Error&) {
    // Refused: a full synchronisation follows.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string text(input.rest());
  eventCursor(text);
  directoryCursor(text);
  directory::earlier(text, 3600);
  return 0;
}
