// SPDX-License-Identifier: Apache-2.0
// Filters that administrators type and values that come from users: whatever the check lets pass the LDAP library can
// read, and an escaped value never ends its filter.
#include <string>

#include <lber.h>

#include "fuzz.hpp"
#include "ldap/filter.hpp"

// What ldap_search_ext() reads a filter with; the library exports it without a header.
extern "C" int ldap_pvt_put_filter(BerElement* ber, const char* filter);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jackfield;
  fuzz::Input input(data, size);
  const std::string text(input.rest());

  if (const auto fault = directory::ldap::checkFilter(text)) {
    fuzz::claim(fault->position >= 1 && fault->position <= text.size() + 1, "a fault has a place in the filter");
    fuzz::claim(!fault->rule.empty(), "a fault has a rule");
  } else {
    BerElement* ber = ber_alloc_t(LBER_USE_DER);
    std::string copy = text;
    fuzz::claim(ldap_pvt_put_filter(ber, copy.c_str()) == 0, "the library reads what the check lets pass");
    ber_free(ber, 1);
  }
  const auto whole = directory::ldap::equals("cn", text);
  fuzz::claim(whole.size() > 4096 || !directory::ldap::checkFilter(whole), "an escaped value fits into a filter");
  return 0;
}
