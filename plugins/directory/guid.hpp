// SPDX-License-Identifier: Apache-2.0
// The immutable id of an entry as text in lower case, whatever the directory stores.
#ifndef JACKFIELD_PLUGINS_DIRECTORY_GUID_HPP
#define JACKFIELD_PLUGINS_DIRECTORY_GUID_HPP

#include <string>
#include <string_view>

#include "presets.hpp"

namespace jackfield::directory {

// "08ca25b8-79da-1041-8ed3-4f14dc0ddb87". Empty when `value` is not of that form: 16 octets for GUIDs; 1 to 64 letters,
// digits and -_.:{} for text.
std::string idText(std::string_view value, IdForm form);

}  // namespace jackfield::directory

#endif
