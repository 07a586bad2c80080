// SPDX-License-Identifier: Apache-2.0
// The bench of lab.hpp.
#include "lab.hpp"

namespace jackfield::calls::tests {

Lab::Lab(unsigned t1_ms) : t1_ms_(t1_ms) {
  rules.domain = "site.test";
  rules.trusted = TrustedPeers({"127.0.0.1"});
  sip::AgentConfig config;
  config.listen = {{"127.0.0.1", 0, "udp"}};
  front = std::make_unique<sip::Agent>(config);
  front->onRequest([this](std::shared_ptr<sip::Inbound> inbound) {
    if (inbound->request().method != "INVITE") {
      inbound->reply(200);
      return;
    }
    auto& end = *ends_behind.emplace_back(std::make_unique<End>());
    end.invite = inbound;
    inbound->onAck([&end](const sip::Message* ack) { end.acked = ack != nullptr; });
    inbound->onCancel([&end](const sip::Message& cancel) {
      end.cancelled = true;
      end.requests.push_back(cancel);
    });
    end.dialog = front->acceptDialog(*inbound);
    end.dialog->onRequest([this, &end](std::shared_ptr<sip::Inbound> in) { within(end, std::move(in)); });
    if (on_called) on_called(end);
  });
  startJackfield(0);
}

void Lab::startJackfield(unsigned port) {
  sip::AgentConfig config;
  config.listen = {{"127.0.0.1", port, "udp"}, {"127.0.0.1", port, "tcp"}};
  config.t1_ms = t1_ms_;
  agent = std::make_unique<sip::Agent>(config);
  Sink sink;
  sink.emit = [this](const cc::EventMessage& message) {
    if (full) return false;
    for (const auto& event : message.events) events.push_back(event);
    for (const auto& [key, value] : message.keep) {
      if (value.isNull())
        kept.erase(key);
      else
        kept[key] = parseJson(value.text);
    }
    return true;
  };
  sink.resync = [this](const cc::Resync& all) {
    if (full) return false;
    resyncs.push_back(all);
    return true;
  };
  sink.warn = [this](const std::string& code, const auto&) { warnings.push_back(code); };
  const std::string host = "127.0.0.1";
  board = std::make_unique<Switchboard>(
      *agent, rules, sink,
      [this, host] {
        return Target{host, front->port("udp"), "udp"};
      },
      [this] { return link_up; });
  agent->onFailure([this](const std::string& what) { faults.push_back(what); });
  agent->onRequest([this](std::shared_ptr<sip::Inbound> inbound) { board->receive(std::move(inbound)); });
  board->open();
}

void Lab::crash() {
  const unsigned port = agent->port("udp");
  const auto records = kept;
  board.reset();
  agent.reset();
  startJackfield(port);
  for (const auto& [key, record] : records) board->restore(key, parseJson(boost::json::serialize(record)));
  board->resync();
  events.clear();
  for (const auto& known : resyncs.back().calls) {
    events.emplace_back();
    events.back().call = known;
  }
}

bool Lab::until(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    agent->step(1ms);
    front->step(1ms);
  }
  return true;
}

void Lab::settle(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  until([&] { return std::chrono::steady_clock::now() > end; }, time + 1s);
}

End& Lab::place(const std::string& from, const std::string& to, const std::string& phase, std::vector<sip::Header> more,
                const std::string& sdp) {
  auto& end = *ends_before.emplace_back(std::make_unique<End>());
  end.sdp = sdp;
  end.dialog = front->createDialog(sip::formatAddress("Caller " + from, "sip:" + from + "@site.test"),
                                   "<sip:" + to + "@site.test>");
  end.dialog->onRequest([this, &end](std::shared_ptr<sip::Inbound> in) { within(end, std::move(in)); });
  sip::Content content{std::move(more), sdp.empty() ? "" : "application/sdp", sdp};
  const std::string served = phase == "orig" ? from : to;
  content.headers.push_back({"P-Served-User", "<sip:" + served + "@site.test>;sescase=" + phase});
  end.sent = end.dialog->invite(
      "sip:" + to + "@site.test",
      {"<sip:" + agent->address("udp") + ";lr>", "<sip:after-" + phase + "@" + frontAddress() + ";lr>"}, "", content,
      70, [this, &end](const sip::Message& response) {
        end.responses.push_back(response);
        if (response.success()) {
          end.dialog->establish(response);
          end.dialog->ack(response.cseq,
                          end.sdp.empty() ? sip::Content{{}, "application/sdp", caller_sdp} : sip::Content{});
        }
      });
  return end;
}

End& Lab::called() {
  const auto count = ends_behind.size();
  if (count == 0 && !until([&] { return !ends_behind.empty(); })) throw std::runtime_error("no INVITE came out");
  return *ends_behind.back();
}

void Lab::answer(End& end, const std::string& sdp) {
  end.sdp = sdp;
  end.invite->reply(
      200, "OK", {{{"Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"}}, sdp.empty() ? "" : "application/sdp", sdp});
}

End& Lab::talk(const std::string& sdp) {
  auto& caller = place("1001", "1002", "orig", {}, sdp);
  auto& other = called();
  ring(other);
  if (!until([&] { return caller.lastStatus() == 180; })) throw std::runtime_error("it does not ring");
  answer(other);
  if (!until([&] { return caller.lastStatus() == 200 && other.acked && !kept.empty(); }))
    throw std::runtime_error("the call was not answered");
  return caller;
}

void Lab::within(End& end, std::shared_ptr<sip::Inbound> inbound) {
  const auto& message = inbound->request();
  end.requests.push_back(message);
  end.pending = inbound;
  inbound->onAck([&end](const sip::Message* ack) { end.acked = ack != nullptr; });
  if (!end.answers) return;
  if (message.method == "INVITE" && end.status == 200)
    inbound->reply(200, "OK", {{}, "application/sdp", end.sdp});
  else
    inbound->reply(end.status);
}

void Lab::request(End& end, const std::string& method, const std::string& sdp, std::vector<sip::Header> headers) {
  end.responses.clear();
  end.sent = end.dialog->send(method, {std::move(headers), sdp.empty() ? "" : "application/sdp", sdp},
                              [&end](const sip::Message& response) {
                                end.responses.push_back(response);
                                if (response.success() && response.method == "INVITE")
                                  end.dialog->ack(response.cseq, {});
                              });
}

const cc::Connection& Lab::party(const std::string& number) const {
  static const cc::Connection none;
  if (events.empty()) return none;
  for (const auto& connection : call().connections) {
    if (connection.number == number) return connection;
  }
  return none;
}

bool Lab::saw(cc::EventType type, const std::string& number) const {
  for (const auto& event : events) {
    if (event.event == type && event.device == "sip:" + number + "@site.test") return true;
  }
  return false;
}

}  // namespace jackfield::calls::tests
