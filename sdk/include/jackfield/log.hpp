// SPDX-License-Identifier: Apache-2.0
// A plugin's log: codes of its messages.json with their arguments. The host adds the instance, redacts what the
// manifest marks x-secret, limits the rate and counts what it drops.
#ifndef JACKFIELD_LOG_HPP
#define JACKFIELD_LOG_HPP

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <jackfield/abi/host.h>
#include <jackfield/text.hpp>

namespace jackfield {

// Usable from any thread, from the plugin's constructor to the end of its destructor. Never throws, never blocks.
//   log().warning("sip.peer.unreachable", {{"peer", "192.0.2.1"}, {"reason", "timeout"}});
class Log {
 public:
  explicit Log(const jf_host* host) : host_(host) {}

  void debug(std::string_view code, const boost::json::object& arguments = {}) { write(JF_LOG_DEBUG, code, arguments); }
  void info(std::string_view code, const boost::json::object& arguments = {}) { write(JF_LOG_INFO, code, arguments); }
  void warning(std::string_view code, const boost::json::object& arguments = {}) {
    write(JF_LOG_WARNING, code, arguments);
  }
  void error(std::string_view code, const boost::json::object& arguments = {}) { write(JF_LOG_ERROR, code, arguments); }

 private:
  void write(std::int32_t level, std::string_view code, const boost::json::object& arguments) noexcept {
    try {
      const std::string safe_code = detail::toUtf8(std::string(code));
      const std::string safe_arguments = arguments.empty() ? "" : detail::toUtf8(boost::json::serialize(arguments));
      host_->log(host_, level, detail::view(safe_code), detail::view(safe_arguments));
    } catch (...) {
      // Out of memory while logging: there is nobody left to tell.
      host_->log(host_, JF_LOG_ERROR, detail::view("plugin.log.failed"), {});
    }
  }

  const jf_host* host_;
};

}  // namespace jackfield

#endif
