// SPDX-License-Identifier: Apache-2.0
// One SIP endpoint: transports, dialogs and transactions over the SIP library's transaction layer. Only the sources of
// this folder include the library's headers. Everything here belongs to the one thread that runs the loop; callbacks
// come on it, and may destroy any object of this file, their own included.
#ifndef JACKFIELD_CALL_SERVER_SIP_AGENT_HPP
#define JACKFIELD_CALL_SERVER_SIP_AGENT_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "message.hpp"

namespace jackfield::sip {

class Inbound;
class Outbound;
class Dialog;
class Timer;
struct AgentCore;  // the library's handles; see core.hpp

// One address to listen on.
struct Listen {
  std::string host;
  unsigned port = 0;      // 0: any free one
  std::string transport;  // "udp", "tcp", "tls"
};

struct AgentConfig {
  std::vector<Listen> listen;
  std::string certificates;         // folder with agent.pem (certificate and key) and cafile.pem; TLS only
  bool client_certificate = false;  // whoever connects over TLS must show a certificate of cafile.pem
  bool verify_server = true;        // whom we call over TLS must show one
  unsigned t1_ms = 500;             // RFC 3261 17.1.1.1; tests shorten it
  std::string user_agent = "Jackfield";
};

class Agent {
 public:
  using OnRequest = std::function<void(std::shared_ptr<Inbound>)>;
  // What an exception out of a callback said; it never travels through the library.
  using OnFailure = std::function<void(const std::string& what)>;

  // Creates the loop of the calling thread and opens the sockets. Throws Error(unreachable, "sip.listen.failed").
  explicit Agent(const AgentConfig& config);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Requests outside of any dialog.
  void onRequest(OnRequest call);
  void onFailure(OnFailure call);

  // The loop. run() returns after stop(). step() handles what is due, waiting at most so long.
  void run();
  void stop();
  void step(std::chrono::milliseconds at_most);
  // Calls `ready` whenever the descriptor is readable (level-triggered), until the agent ends.
  void watch(int fd, std::function<void()> ready);
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> call);

  // The port that a listener got; 0 when there is none of that transport.
  unsigned port(const std::string& transport) const;
  // "host:port" of ours for that transport, the first listener's when there is none.
  std::string address(const std::string& transport) const;
  // Our Contact URI towards a peer reached over that transport.
  std::string contact(const std::string& transport) const;

  // A dialog of ours to be: From and To values; the peer's tag comes with its answer.
  std::unique_ptr<Dialog> createDialog(const std::string& local, const std::string& remote);
  // A dialog that a request opens (RFC 3261 12.1.1).
  std::unique_ptr<Dialog> acceptDialog(Inbound& request);
  // A dialog as it was. Throws Error(invalid, "sip.dialog.damaged") when the state does not parse.
  std::unique_ptr<Dialog> restoreDialog(const DialogState& state);

  // Ends the transactions that a crash has cut: a final response to a request that Inbound::leftover() described, a
  // CANCEL of one that Outbound::leftover() described. Best effort; a text that does not parse is passed over.
  void refuse(const std::string& leftover, int status);
  void cancel(const std::string& leftover);

  // A request outside of a dialog (OPTIONS to a peer). `route` is where to send it.
  std::shared_ptr<Outbound> send(const std::string& method, const std::string& uri, const std::string& from,
                                 const std::string& to, const std::string& route, const Content& content,
                                 std::function<void(const Message&)> on_response);

 private:
  std::unique_ptr<AgentCore> core_;
};

// A one-shot timer; destroying it cancels it.
class Timer {
 public:
  virtual ~Timer() = default;
};

// A request that came in. Answered at most once with a final response; destroyed unanswered, it answers 500.
class Inbound : public std::enable_shared_from_this<Inbound> {
 public:
  virtual ~Inbound() = default;
  virtual const Message& request() const = 0;
  virtual bool answered() const = 0;
  // Our Contact goes with what makes or refreshes a dialog.
  virtual void reply(int status, const std::string& phrase = {}, const Content& content = {}) = 0;
  // A reliable provisional response (RFC 3262); `on_prack` gets the PRACK, to be answered. False: not possible here.
  virtual bool replyReliably(int status, const std::string& phrase, const Content& content,
                             std::function<void(std::shared_ptr<Inbound>)> on_prack) = 0;
  // What Agent::refuse() needs to answer it after a crash.
  virtual std::string leftover() const = 0;
  // Of an INVITE: its ACK (null: none came in time) and its CANCEL, which the library has answered, as it has 487.
  virtual void onAck(std::function<void(const Message*)> call) = 0;
  virtual void onCancel(std::function<void(const Message&)> call) = 0;
};

// A request that we sent.
class Outbound : public std::enable_shared_from_this<Outbound> {
 public:
  virtual ~Outbound() = default;
  virtual std::uint32_t cseq() const = 0;
  virtual bool completed() const = 0;
  // What Agent::cancel() needs to cancel it after a crash; empty before it was sent.
  virtual std::string leftover() const = 0;
  // Of an INVITE without final response. The response, 487 as a rule, still comes.
  virtual void cancel(const std::vector<Header>& headers) = 0;
  // A provisional response was taken and is acknowledged by a PRACK of ours.
  virtual void acknowledged(std::uint32_t rseq) = 0;
};

// One side of a call: the library's dialog and what it does not give back.
class Dialog {
 public:
  using OnRequest = std::function<void(std::shared_ptr<Inbound>)>;
  using OnResponse = std::function<void(const Message&)>;

  virtual ~Dialog() = default;
  virtual void onRequest(OnRequest call) = 0;
  // A request inside the dialog. `uri` and `routes` matter for the first INVITE only (routes: where it is to go, as a
  // Route header; empty: to `uri`). Null when it cannot even be built.
  virtual std::shared_ptr<Outbound> send(const std::string& method, const Content& content, OnResponse on_response) = 0;
  virtual std::shared_ptr<Outbound> invite(const std::string& uri, const std::vector<std::string>& routes,
                                           const std::string& via_proxy, const Content& content, int max_forwards,
                                           OnResponse on_response) = 0;
  // Of our INVITE with that CSeq, answered with 2xx.
  virtual void ack(std::uint32_t cseq, const Content& content) = 0;
  // Takes tag, route set and target from a response (RFC 3261 12.1.2, 12.2.1.2). Other tag after an early dialog: the
  // dialog moves to it.
  virtual void establish(const Message& response) = 0;
  virtual bool established() const = 0;
  virtual DialogState state() const = 0;
  virtual std::string callId() const = 0;
  virtual std::string localTag() const = 0;
  virtual std::string remoteTag() const = 0;
};

}  // namespace jackfield::sip

#endif
