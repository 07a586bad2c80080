// SPDX-License-Identifier: Apache-2.0
// The way out of an instance. Responders and worker jobs may outlive the instance; they share its outlet, which is
// closed before the instance is destroyed, so that nobody calls a host that is gone.
#ifndef JACKFIELD_DETAIL_OUTLET_HPP
#define JACKFIELD_DETAIL_OUTLET_HPP

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <jackfield/abi/host.h>
#include <jackfield/error.hpp>
#include <jackfield/text.hpp>

namespace jackfield::detail {

class Outlet {
 public:
  explicit Outlet(const jf_host* host) : host_(host) {}

  jf_status send(const jf_message& message) {
    const std::lock_guard lock(mutex_);
    return host_ ? host_->send(host_, &message) : JF_E_STATE;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    host_ = nullptr;
  }

  // Between stop() and the next start(): a request that is let go unanswered is then no defect.
  void setStopping(bool stopping) { stopping_ = stopping; }
  bool stopping() const { return stopping_; }

 private:
  std::mutex mutex_;  // send() of the ABI never blocks and never calls back, so holding it is short
  const jf_host* host_;
  std::atomic<bool> stopping_{false};
};

inline jf_message makeMessage(std::uint32_t kind, std::uint64_t id) {
  jf_message m{};
  m.kind = kind;
  m.id = id;
  return m;
}

inline boost::json::object problemOf(const Error& error) {
  boost::json::object problem{{"code", error.code()}, {"text", error.what()}};
  if (!error.field().empty()) problem["field"] = error.field();
  if (!error.value().empty()) problem["value"] = error.value();
  return problem;
}

// Inside a catch (...): whatever was thrown, as an Error.
inline Error currentError() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(Status::internal, "plugin.exception", std::string("unexpected exception: ") + error.what());
  } catch (...) {
    return Error(Status::internal, "plugin.exception", "unexpected exception that is no std::exception");
  }
}

inline Status statusOf(jf_status status) {
  return status >= JF_OK && status <= JF_E_INTERNAL ? static_cast<Status>(status) : Status::internal;
}

}  // namespace jackfield::detail

#endif
