// SPDX-License-Identifier: Apache-2.0
// JSON of clients and plugins on its way into structs: what is taken reads back as itself, what is not is refused with
// a short sentence.
#include <string>

#include <jackfield/call_control.hpp>
#include <jackfield/json.hpp>

#include "fuzz.hpp"
#include "settings.hpp"

namespace {

using namespace jackfield;

template <class T>
void readAs(const boost::json::value& document, Unknown unknown) {
  try {
    const auto text = toJsonText(fromJson<T>(document, unknown));
    fuzz::claim(toJsonText(fromJson<T>(parseJson(text))) == text, "a document reads back as itself");
  } catch (const Error& refused) {
    fuzz::claim(refused.code() == "value.invalid", "only a value that breaks a rule is refused");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  boost::json::value document;
  try {
    document = parseJson(input.rest());
  } catch (const Error&) {
    return 0;
  }
  for (const auto unknown : {Unknown::refuse, Unknown::ignore}) {
    readAs<directory::Settings>(document, unknown);
    readAs<call_control::Event>(document, unknown);
    readAs<call_control::CallCommand>(document, unknown);
  }
  return 0;
}
