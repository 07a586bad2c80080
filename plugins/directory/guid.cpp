// SPDX-License-Identifier: Apache-2.0
// objectGUID: Data1 to Data3 are little-endian (MS-DTYP 2.3.4.2), the rest is in order.
#include "guid.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace jackfield::directory {

namespace {

std::string guidText(std::string_view octets, const std::array<int, 16>& order) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto octet = static_cast<unsigned char>(octets[static_cast<std::size_t>(order[i])]);
    out += hex[octet >> 4];
    out += hex[octet & 15];
  }
  return out;
}

bool isIdCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-_.:{}").find(c) != std::string_view::npos;
}

}  // namespace

std::string idText(std::string_view value, IdForm form) {
  static constexpr std::array<int, 16> microsoft{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  static constexpr std::array<int, 16> plain{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  if (form != IdForm::text)
    return value.size() == 16 ? guidText(value, form == IdForm::microsoftGuid ? microsoft : plain) : std::string();
  if (value.empty() || value.size() > 64 || !std::all_of(value.begin(), value.end(), isIdCharacter)) return {};
  std::string out(value);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return out;
}

}  // namespace jackfield::directory
