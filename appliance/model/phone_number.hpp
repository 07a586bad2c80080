// SPDX-License-Identifier: Apache-2.0
// Numbers as people write and servers signal them, brought to one form so that they can be compared. No dial plan:
// what a prefix means is decided elsewhere. Bounded, never throws on hostile text. Any thread.
#ifndef JACKFIELD_MODEL_PHONE_NUMBER_HPP
#define JACKFIELD_MODEL_PHONE_NUMBER_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace jackfield::model {

constexpr std::size_t longest_number = 40;  // digits kept; E.164 has 15, an extension behind it adds a few
constexpr std::size_t shortest_suffix = 7;  // digits that two numbers must share at the end to be the same line

// "+49 (89) 1234-567", "0049891234567", "sip:+49891234567@site.test;user=phone" and "tel:+49-89-1234567" all give
// "+49891234567"; "1001" and "sip:1001@site.test" give "1001". Separators go, letters of a SIP user part that is a
// name (not a number) give an empty text, as does whatever else holds no number. '*' and '#' stay: feature codes.
// A national zero in brackets, "+49 (0)89 1", is dropped.
std::string normalisedNumber(std::string_view signalled);

// The digits of a normalised number, without '+'.
std::string digitsOf(std::string_view number);

}  // namespace jackfield::model

#endif
