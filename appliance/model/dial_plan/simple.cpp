// SPDX-License-Identifier: Apache-2.0
// Which kind of call a number is, and what the call server expects for it.
#include "model/dial_plan/simple.hpp"

#include <algorithm>

namespace jackfield::model {
namespace {

bool onlyDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string last(std::string_view number, std::size_t digits) {
  return std::string(number.substr(number.size() - std::min(digits, number.size())));
}

}  // namespace

Simple::Simple(const DialPlan& plan)
    : main_(plan.pbx_main.starts_with('+') ? plan.pbx_main.substr(1) : plan.pbx_main),
      ars_(plan.ars),
      country_(main_.substr(0, main_.size() - static_cast<std::size_t>(plan.national_length))),
      inter_regional_(plan.inter_regional),
      international_(plan.international),
      national_(static_cast<std::size_t>(plan.national_length)),
      local_(static_cast<std::size_t>(plan.local_length)),
      extension_(static_cast<std::size_t>(plan.extension_length)) {
  if (plan.regional.empty())
    regional_ = main_.substr(0, main_.size() - local_);
  else
    regional_ = plan.regional.starts_with(country_) && main_.starts_with(plan.regional) ? plan.regional
                                                                                        : country_ + plan.regional;
}

Simple::Result Simple::convert(Direction direction, std::string_view number) const {
  if (direction == Direction::display) return display(number);
  if (number.starts_with('+'))
    return onlyDigits(number.substr(1)) ? dial(direction, std::string(number.substr(1)))
                                        : Result{std::string(number), CallKind::asIs};
  if (onlyDigits(number)) {
    if (const auto international = expanded(number)) return dial(direction, *international);
    if (alreadyDialable(number))
      return {std::string(direction == Direction::ops ? number.substr(ars_.size()) : number), CallKind::asIs};
    if (number.size() > national_) return dial(direction, std::string(number));
  }
  return {std::string(number), CallKind::asIs};
}

// DIAL-033, and DIAL-035: the table behind the off-PBX mapping has no access code.
Simple::Result Simple::dial(Direction direction, const std::string& international) const {
  const std::string access = direction == Direction::ops ? "" : ars_;
  const CallKind kind = kindOf(international);
  switch (kind) {
    case CallKind::extension:
      return {last(international, extension_), kind};
    case CallKind::local:
      return {access + last(international, local_), kind};
    case CallKind::national:
      return {access + inter_regional_ + last(international, national_), kind};
    default:
      return {access + international_ + international, kind};
  }
}

// DIAL-036.
Simple::Result Simple::display(std::string_view number) const {
  if (onlyDigits(number)) {
    if (const auto international = expanded(number)) return {"+" + *international, kindOf(*international)};
    if (number.size() > national_) return {"+" + std::string(number), kindOf(number)};
  }
  return {std::string(number), CallKind::asIs};
}

CallKind Simple::kindOf(std::string_view international) const {
  if (international.size() != main_.size()) return CallKind::international;
  if (international.starts_with(main_.substr(0, main_.size() - extension_))) return CallKind::extension;
  if (international.starts_with(regional_)) return CallKind::local;
  return international.starts_with(country_) ? CallKind::national : CallKind::international;
}

// To country code and national number; the first rule that fits (DIAL-034, step 2).
std::optional<std::string> Simple::expanded(std::string_view number) const {
  const std::string digits(number);
  const auto whole = [&](const std::string& text) { return text.size() == main_.size(); };
  if (number.size() == extension_) return main_.substr(0, main_.size() - extension_) + digits;
  if (number.size() == local_) return whole(regional_ + digits) ? regional_ + digits : country_ + digits;
  if (number.size() == national_) return country_ + digits;
  if (number.starts_with(inter_regional_) && number.size() == inter_regional_.size() + national_)
    return country_ + digits.substr(inter_regional_.size());
  if (number.starts_with(country_) && whole(digits)) return digits;
  if (!international_.empty() && number.starts_with(international_) && number.size() > international_.size() + local_)
    return digits.substr(international_.size());
  return std::nullopt;
}

bool Simple::alreadyDialable(std::string_view number) const {
  if (ars_.empty() || !number.starts_with(ars_)) return false;
  const auto rest = number.substr(ars_.size());
  return rest.size() != extension_ && expanded(rest);
}

}  // namespace jackfield::model
