// SPDX-License-Identifier: Apache-2.0
// How much an administrator entrusts to a plugin, said before it is installed.
#ifndef JACKFIELD_KERNEL_PACKAGES_RATING_HPP
#define JACKFIELD_KERNEL_PACKAGES_RATING_HPP

#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "kernel/holder/manifest.hpp"
#include "kernel/packages/trust.hpp"

namespace jackfield::kernel::packages {

enum class Risk { low, medium, high };
BOOST_DESCRIBE_ENUM(Risk, low, medium, high)

// code for programs, text for people.
struct RiskReason {
  std::string code;
  Risk risk = Risk::low;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(RiskReason, (), (code, risk, text))

// The highest of its reasons; low without any.
struct Rating {
  Risk risk = Risk::low;
  std::vector<RiskReason> reasons;
};
BOOST_DESCRIBE_STRUCT(Rating, (), (risk, reasons))

Rating rate(const Manifest& manifest, Rung rung);

}  // namespace jackfield::kernel::packages

#endif
