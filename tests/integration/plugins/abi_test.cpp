// SPDX-License-Identifier: Apache-2.0
// The frozen headers are those that were promised, and the comparison that says so sees what must not happen to them.
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "support/process.hpp"

namespace jackfield::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FrozenAbi : public ::testing::Test {
 protected:
  // What sdk/abi/check says of these headers; empty when it finds no difference.
  std::string complaint(const fs::path& include) const {
    try {
      run({"env", "CXX=" CXX_PROGRAM, SDK_SOURCE "/abi/check", include.string()},
          scratch_.path() / ("log-" + std::to_string(++checks_)));
      return {};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  // The same of a copy of the headers in which one text of one header is another.
  std::string complaintAfter(const std::string& header, const std::string& from, const std::string& to) const {
    const fs::path copy = scratch_.path() / "include";
    fs::remove_all(copy);
    fs::create_directories(copy / "jackfield");
    fs::copy(SDK_SOURCE "/include/jackfield/abi", copy / "jackfield/abi", fs::copy_options::recursive);
    const fs::path file = copy / "jackfield/abi" / header;
    std::ifstream in(file);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.find(from) == std::string::npos) throw std::runtime_error(header + " has no " + from);
    std::ofstream(file, std::ios::trunc) << text.replace(text.find(from), from.size(), to);
    return complaint(copy);
  }

  TemporaryFolder scratch_{"abi"};

 private:
  mutable int checks_ = 0;
};

TEST_F(FrozenAbi, IsTheOneThatIsKept) {
  EXPECT_EQ(complaint(SDK_SOURCE "/include"), "");
}

TEST_F(FrozenAbi, GrowsByNoMemberAndChangesNoTypeNoNumberNoName) {
  EXPECT_THAT(complaintAfter("message.h", "jf_view name;", "jf_view name; jf_view more;"), HasSubstr("jf_message"));
  EXPECT_THAT(complaintAfter("message.h", "uint32_t kind;", "uint32_t sort;"), HasSubstr("sort"));
  EXPECT_THAT(complaintAfter("service/timer.h", "uint64_t delay_ms", "uint32_t delay_ms"), HasSubstr("abi_timer"));
  EXPECT_THAT(complaintAfter("base.h", "JF_E_TIMEOUT = 4", "JF_E_TIMEOUT = 40"), HasSubstr("JF_E_TIMEOUT"));
  EXPECT_THAT(complaintAfter("entry.h", "JF_ABI_MINOR 0u", "JF_ABI_MINOR 1u"), HasSubstr("minor_version"));
  EXPECT_THAT(complaintAfter("service/work.h", "SERVICE \"jackfield.work/1\"", "SERVICE \"jackfield.work/2\""),
              HasSubstr("JF_WORK_SERVICE"));
}

TEST_F(FrozenAbi, HoldsEveryHeaderAndNoDraft) {
  EXPECT_THAT(complaintAfter("host.h", "#include <jackfield/abi/base.h>", "#include <jackfield/abi/draft/audio.h>"),
              HasSubstr("host.h is frozen and includes a draft"));
  fs::create_directories(scratch_.path() / "new/jackfield");
  fs::copy(SDK_SOURCE "/include/jackfield/abi", scratch_.path() / "new/jackfield/abi", fs::copy_options::recursive);
  std::ofstream(scratch_.path() / "new/jackfield/abi/service/audio.h") << "\n";
  EXPECT_THAT(complaint(scratch_.path() / "new"), HasSubstr("service/audio.h is not compared"));
}

}  // namespace
}  // namespace jackfield::tests
