// SPDX-License-Identifier: Apache-2.0
// "loop": "own" with sofia-sip: its su_root watches the mailbox and calls dispatch(); its timers fire on the same
// thread.
#include <thread>

#include <sofia-sip/su_wait.h>

#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

namespace {

using jackfield::Responder;

struct Settings {};
BOOST_DESCRIBE_STRUCT(Settings, (), ())

struct Text {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text))

class SofiaLoop final : public jackfield::Plugin<Settings> {
 public:
  SofiaLoop() {
    on<Text>("zoo/1.echo", [this](const Text& text) {
      return Text{text.text + (std::this_thread::get_id() == thread_ ? " in the loop" : " outside")};
    });
    onAsync<Text>("zoo/1.timer", [this](const Text&, Responder r) {
      waiting_ = r;
      su_timer_set_interval(timer_, &SofiaLoop::fired, this, 5);
    });
    onAsync<Text>("zoo/1.work", [this](const Text& text, Responder r) {
      work().submit([] {},
                    [this, r, text](std::exception_ptr) mutable {
                      r.reply(Text{std::this_thread::get_id() == thread_ ? "done in the loop" : "done outside"});
                    });
    });
    on<Text>("zoo/1.services", [this](const Text&) -> Text {
      try {
        timers().after(std::chrono::milliseconds(1), [] {});
        return {"lent"};
      } catch (const jackfield::Error& error) {
        return {error.code()};
      }
    });
  }

  void start() override {
    loop().own([this] { run(); });
  }
  void stop() override { su_root_break(root_); }

 private:
  void run() {
    thread_ = std::this_thread::get_id();
    su_init();
    root_ = su_root_create(nullptr);
    timer_ = su_timer_create(su_root_task(root_), 5);
    su_wait_t wait = SU_WAIT_INIT;
    su_wait_create(&wait, loop().mailboxFd(), SU_WAIT_IN);
    const int index =
        su_root_register(root_, &wait, &SofiaLoop::mail, reinterpret_cast<su_wakeup_arg_t*>(this), su_pri_normal);
    emit("server/1.state", jackfield::server::State{jackfield::server::LinkState::connected, ""});
    su_root_run(root_);
    su_root_deregister(root_, index);
    su_timer_destroy(timer_);
    su_root_destroy(root_);
    su_deinit();
  }

  static int mail(su_root_magic_t*, su_wait_t*, su_wakeup_arg_t* arg) {
    reinterpret_cast<SofiaLoop*>(arg)->loop().dispatch();
    return 0;
  }
  static void fired(su_root_magic_t*, su_timer_t*, su_timer_arg_t* arg) {
    auto& me = *reinterpret_cast<SofiaLoop*>(arg);
    me.waiting_.reply(Text{std::this_thread::get_id() == me.thread_ ? "fired in the loop" : "fired outside"});
    me.waiting_ = {};
  }

  std::thread::id thread_;
  su_root_t* root_ = nullptr;
  su_timer_t* timer_ = nullptr;
  Responder waiting_;
};

}  // namespace

JACKFIELD_PLUGIN(SofiaLoop);
