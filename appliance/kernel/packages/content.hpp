// SPDX-License-Identifier: Apache-2.0
// What stands in the lists and heads inside a package.
#ifndef JACKFIELD_KERNEL_PACKAGES_CONTENT_HPP
#define JACKFIELD_KERNEL_PACKAGES_CONTENT_HPP

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace jackfield::kernel::packages {

using Words = std::map<std::string, std::string, std::less<>>;

// "id=acme-pbx version=1.2.0": words with a value, each key once. Throws Error package.comment.
Words parseComment(std::string_view comment);

// The lines of sha256sum, "HEX  NAME": name to hash, each name once. Throws Error package.hash.
Words parseSums(std::string_view text);

class Sha256 {
 public:
  Sha256();
  void add(std::string_view octets);
  std::string hex();  // ends it

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

// What the head of an ELF shared library says that it is for, as uname -m names it; empty for anything else.
std::string machineOf(std::string_view head);

}  // namespace jackfield::kernel::packages

#endif
