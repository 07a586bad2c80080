// SPDX-License-Identifier: Apache-2.0
// Serving the web pages.
#include "gateway/http/static_files.hpp"

#include <fstream>
#include <sstream>

#include <Poco/DeflatingStream.h>
#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include "gateway/http/problem.hpp"

namespace jackfield::gateway {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t largest = 32 * 1024 * 1024;
constexpr std::size_t worthPacking = 1024;
constexpr std::size_t mostFiles = 2000;

std::string typeOf(const std::string& extension) {
  static const std::map<std::string, std::string> types = {{".html", "text/html; charset=utf-8"},
                                                           {".js", "text/javascript; charset=utf-8"},
                                                           {".css", "text/css; charset=utf-8"},
                                                           {".json", "application/json"},
                                                           {".svg", "image/svg+xml"},
                                                           {".png", "image/png"},
                                                           {".jpg", "image/jpeg"},
                                                           {".ico", "image/x-icon"},
                                                           {".woff", "font/woff"},
                                                           {".woff2", "font/woff2"},
                                                           {".txt", "text/plain; charset=utf-8"},
                                                           {".webmanifest", "application/manifest+json"},
                                                           {".map", "application/json"}};
  const auto found = types.find(extension);
  return found == types.end() ? "application/octet-stream" : found->second;
}

bool packs(const std::string& type) {
  return type.starts_with("text/") || type.find("json") != std::string::npos || type == "image/svg+xml";
}

std::shared_ptr<const std::string> gzipped(const std::string& plain) {
  std::ostringstream out;
  Poco::DeflatingOutputStream pack(out, Poco::DeflatingStreamBuf::STREAM_GZIP, 6);
  pack << plain;
  pack.close();
  return std::make_shared<const std::string>(out.str());
}

// No way out of the folder: no "..", no hidden files, no separators or NUL within a part.
bool safe(const std::string& path) {
  if (path.find('\0') != std::string::npos || path.find('\\') != std::string::npos) return false;
  return path.find("/.") == std::string::npos && path.find("//") == std::string::npos;
}

}  // namespace

StaticFiles::StaticFiles(fs::path folder) : folder_(std::move(folder)) {}

std::shared_ptr<const StaticFiles::File> StaticFiles::find(const std::string& name) {
  std::error_code absent;
  const fs::path path = folder_ / name.substr(1);
  const auto time = fs::last_write_time(path, absent);
  if (absent) return nullptr;
  {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(name);
    if (found != files_.end() && found->second->time == time) return found->second;
  }
  if (!fs::is_regular_file(path, absent) || fs::file_size(path, absent) > largest) return nullptr;
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  auto file = std::make_shared<File>();
  file->time = time;
  file->type = typeOf(path.extension().string());
  file->plain = std::make_shared<const std::string>(content.str());
  Poco::SHA1Engine digest;
  digest.update(*file->plain);
  file->etag = '"' + Poco::DigestEngine::digestToHex(digest.digest()).substr(0, 20) + '"';
  if (packs(file->type) && file->plain->size() >= worthPacking) file->gzip = gzipped(*file->plain);
  std::lock_guard lock(mutex_);
  if (files_.size() >= mostFiles) files_.clear();
  files_[name] = file;
  return file;
}

std::shared_ptr<const StaticFiles::File> StaticFiles::page(const std::string& path) {
  if (path == "/admin" || path.starts_with("/admin/"))
    for (const char* name : {"/admin/index.html", "/admin.html"})
      if (auto file = find(name)) return file;
  return find("/index.html");
}

Response StaticFiles::get(const Request& request) {
  if (!safe(request.path)) return problem(404, "http.notFound");
  auto file = request.path.ends_with('/') ? nullptr : find(request.path);
  const bool named = request.path.find('.', request.path.rfind('/')) != std::string::npos;
  if (!file && !named) file = page(request.path);
  if (!file) return problem(404, "http.notFound");

  Response response;
  response.headers.emplace_back("ETag", file->etag);
  // Vite puts a hash into the names under assets/: what such a name stands for never changes.
  response.headers.emplace_back(
      "Cache-Control", request.path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->gzip) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.header("If-None-Match").find(file->etag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  response.content_type = file->type;
  const bool pack = file->gzip && request.header("Accept-Encoding").find("gzip") != std::string::npos;
  if (pack) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = pack ? file->gzip : file->plain;
  return response;
}

}  // namespace jackfield::gateway
