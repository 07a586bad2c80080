// SPDX-License-Identifier: Apache-2.0
// What those get who need a capability while its plugin fails: declared for each capability, in its schema in
// sdk/schemas/ (x-whenFailing), so that nobody finds it out in an outage.
#ifndef JACKFIELD_CAPABILITIES_WHEN_FAILING_HPP
#define JACKFIELD_CAPABILITIES_WHEN_FAILING_HPP

#include <string>
#include <string_view>

#include <boost/describe.hpp>

namespace jackfield::capabilities {

struct WhenFailing {
  std::string policy;  // "pass": what they do goes on without the plugin; "refuse": it does not; empty: not declared
  std::string text;
};
BOOST_DESCRIBE_STRUCT(WhenFailing, (), (policy, text))

WhenFailing whenFailing(std::string_view capability);

}  // namespace jackfield::capabilities

#endif
