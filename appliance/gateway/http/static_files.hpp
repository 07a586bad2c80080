// SPDX-License-Identifier: Apache-2.0
// The web pages: files of one folder, held in memory once asked for, with ETags.
#ifndef JACKFIELD_GATEWAY_HTTP_STATIC_FILES_HPP
#define JACKFIELD_GATEWAY_HTTP_STATIC_FILES_HPP

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/http/message.hpp"

namespace jackfield::gateway {

// Any thread.
class StaticFiles {
 public:
  explicit StaticFiles(std::filesystem::path folder);

  // A path without a file answers with the page of its application, which routes by itself: "/admin" and what lies
  // below it with admin/index.html or admin.html where there is one, all others with index.html. Names with a dot in
  // their last part are files and answer 404 "http.notFound" when they are missing.
  Response get(const Request& request);

 private:
  struct File {
    std::filesystem::file_time_type time;
    std::string type;
    std::string etag;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null: not worth it
  };
  std::shared_ptr<const File> find(const std::string& name);
  std::shared_ptr<const File> page(const std::string& path);

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const File>> files_;
};

}  // namespace jackfield::gateway

#endif
