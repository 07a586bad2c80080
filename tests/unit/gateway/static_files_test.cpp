// SPDX-License-Identifier: Apache-2.0
// The web pages: which file answers which path, and how long a browser may keep it.
#include "gateway/http/static_files.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace jackfield::gateway {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() : folder_("static"), web_(folder_.path() / "web") {
    fs::create_directories(web_ / "assets");
    fs::create_directories(web_ / "admin");
    write("web/index.html", "<p>people</p>");
    write("web/admin/index.html", "<p>console</p>");
    write("web/assets/app-1a2b.js", "let x = 1;" + std::string(4000, ' '));
    write("secret", "not yours");
    write("web/.hidden", "not yours");
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  Response get(const std::string& path, std::map<std::string, std::string> headers = {}) {
    Request request;
    request.path = path;
    for (const auto& [name, value] : headers) request.message.set(name, value);
    return files_.get(request);
  }
  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  tests::TemporaryFolder folder_;
  fs::path web_;
  StaticFiles files_{web_};
};

TEST_F(StaticFilesTest, TheConsoleIsServedAtAdminWithAndWithoutASlash) {
  for (const char* path : {"/admin", "/admin/", "/admin/servers/new"})
    EXPECT_EQ(*get(path).body, "<p>console</p>") << path;
  for (const char* path : {"/", "/calls", "/administer"}) EXPECT_EQ(*get(path).body, "<p>people</p>") << path;
}

TEST_F(StaticFilesTest, HashedNamesMayBeKeptForEverPagesAreAskedForAgain) {
  EXPECT_THAT(header(get("/assets/app-1a2b.js"), "Cache-Control"), testing::HasSubstr("immutable"));
  const auto page = get("/");
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(get("/", {{"If-None-Match", header(page, "ETag")}}).status, 304);
  write("web/index.html", "<p>new</p>");
  fs::last_write_time(web_ / "index.html", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(*get("/", {{"If-None-Match", header(page, "ETag")}}).body, "<p>new</p>");
}

TEST_F(StaticFilesTest, PacksForBrowsersThatUnpack) {
  const auto packed = get("/assets/app-1a2b.js", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_LT(packed.body->size(), 200u);
  EXPECT_EQ(header(packed, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(get("/assets/app-1a2b.js"), "Content-Encoding"), "");
}

TEST_F(StaticFilesTest, NothingOutsideTheFolderAndNothingHidden) {
  for (const std::string path :
       {"/../secret", "/assets/../../secret", "/.hidden", "/assets/missing.js", "//secret", "/a\\b"})
    EXPECT_EQ(get(path).status, 404) << path;
  EXPECT_EQ(get(std::string("/index.html\0.js", 15)).status, 404);
}

}  // namespace
}  // namespace jackfield::gateway
