// SPDX-License-Identifier: Apache-2.0
// The C++20 layer above the plugin ABI: derive from Plugin<Settings>, describe structs, return values or throw
// jackfield::Error. No exception, of whatever type, leaves a callback.
//
//   struct Settings { std::string greeting = "hello"; };
//   BOOST_DESCRIBE_STRUCT(Settings, (), (greeting))
//
//   class Hello final : public jackfield::Plugin<Settings> {
//     void start() override { log().info("hello.started", {{"greeting", settings().greeting}}); }
//   };
//   JACKFIELD_PLUGIN(Hello)
#ifndef JACKFIELD_PLUGIN_HPP
#define JACKFIELD_PLUGIN_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/json.hpp>

#include <jackfield/abi/entry.h>
#include <jackfield/detail/instance.hpp>
#include <jackfield/json.hpp>
#include <jackfield/log.hpp>
#include <jackfield/responder.hpp>
#include <jackfield/services.hpp>

namespace jackfield {

// One instance: one configured server, one thread. Every member function belongs to that thread, but for emit(), log()
// and nowMs(), which any thread may call. The constructor does nothing that can fail (register handlers with on());
// configure() judges, start() begins to connect and returns at once, stop() ends all work.
template <class SettingsType>
class Plugin : public detail::Instance {
 public:
  using Settings = SettingsType;

  // settings() holds the new ones, valid against the manifest's schema. Throw Error(invalid, code, text, "/field",
  // value) for what a schema cannot say. No I/O. After a throw the old settings are back.
  virtual void configure() {}
  // What fails to begin throws; what fails later is said by a "server/1.state" event.
  void start() override = 0;
  // Timers, watches and requests of this instance are dropped by the layer after it.
  void stop() override {}
  // After emit() said "full": send the current state as a snapshot.
  void writable() override {}

 protected:
  const Settings& settings() const { return settings_; }

  // Sends an event. False: the queue is full, nothing was sent, writable() will be called. Throws Error(invalid) for an
  // event above 1 MiB. Text that is not UTF-8 is sent with U+FFFD in place of each bad octet. Any thread.
  template <class T>
  bool emit(std::string_view name, const T& body, std::string_view bytes = {}) {
    return emitText(name, toJsonText(body), bytes);
  }

  // handler(const Req&) returns the reply's document (or nothing), or throws.
  template <class Req, class F>
  void on(std::string_view name, F handler) {
    onRequest(name, [handler = std::move(handler)](const boost::json::value& body, Responder responder) mutable {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, const Req&>>) {
        handler(fromJson<Req>(body, Unknown::ignore));
        responder.reply();
      } else {
        responder.reply(handler(fromJson<Req>(body, Unknown::ignore)));
      }
    });
  }

  // handler(const Req&, Responder) answers later, from any thread.
  template <class Req, class F>
  void onAsync(std::string_view name, F handler) {
    onRequest(name, [handler = std::move(handler)](const boost::json::value& body, Responder responder) mutable {
      handler(fromJson<Req>(body, Unknown::ignore), std::move(responder));
    });
  }

  // Asks the host, for example "storage/1.load". `done` gets every part (more) and the end, or one failure: time-out,
  // no such service, or full (then at once, inside this call). Dropped without a call when the instance stops.
  template <class T>
  void request(std::string_view name, const T& body, std::chrono::milliseconds timeout,
               std::function<void(Reply)> done) {
    requestText(name, toJsonText(body), timeout, std::move(done));
  }

 private:
  void configureWith(const boost::json::value& settings) override {
    Settings old = std::exchange(settings_, fromJson<Settings>(settings));
    try {
      configure();
    } catch (...) {
      settings_ = std::move(old);
      throw;
    }
  }

  Settings settings_{};
};

// The entry of a plugin class; JACKFIELD_PLUGIN exports it, tests hand it to testing::FakeHost.
template <class P>
const jf_plugin_entry& entryOf() {
  static constexpr char build[] = "JackfieldSDK 0.1.0, g++ " __VERSION__;
  static const jf_plugin_entry entry = {JF_ABI_MAGIC,
                                        JF_ABI_MAJOR,
                                        JF_ABI_MINOR,
                                        sizeof(jf_plugin_entry),
                                        {build, sizeof build - 1},
                                        &detail::createInstance<P>};
  return entry;
}

}  // namespace jackfield

// Exports the plugin. Once in a plugin, at global scope, with a class that derives from Plugin<...>.
#define JACKFIELD_PLUGIN(Class)                                                                     \
  extern "C" {                                                                                      \
  const jf_plugin_entry jf_plugin_entry_1 = {                                                       \
      JF_ABI_MAGIC,                                                                                 \
      JF_ABI_MAJOR,                                                                                 \
      JF_ABI_MINOR,                                                                                 \
      sizeof(jf_plugin_entry),                                                                      \
      {"JackfieldSDK 0.1.0, g++ " __VERSION__, sizeof("JackfieldSDK 0.1.0, g++ " __VERSION__) - 1}, \
      &jackfield::detail::createInstance<Class>};                                                   \
  }                                                                                                 \
  static_assert(true, "a semicolon may follow")

#endif
