// SPDX-License-Identifier: Apache-2.0
// sample-pbx: a call server for Jackfield. This sample is its own exchange: devices that ring and answer by themselves.
// Put your protocol where a comment says "far server"; what Jackfield sees stays as it is.
#ifndef SAMPLE_PBX_PLUGIN_HPP
#define SAMPLE_PBX_PLUGIN_HPP

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <jackfield/call_control.hpp>
#include <jackfield/plugin.hpp>
#include <jackfield/server.hpp>

namespace sample_pbx {

namespace cc = jackfield::call_control;

struct Settings {
  std::string host = "127.0.0.1";
  std::int64_t answer_ms = 200;  // "answerMs" in JSON
};
BOOST_DESCRIBE_STRUCT(Settings, (), (host, answer_ms))

class SamplePbx final : public jackfield::Plugin<Settings> {
 public:
  SamplePbx();
  void configure() override;
  void start() override;
  void stop() override;
  void writable() override;

 private:
  cc::Accepted makeCall(const cc::MakeCall& request);
  cc::Accepted hold(const cc::CallCommand& command, bool held);
  cc::Accepted clear(const cc::CallCommand& command);
  jackfield::server::TestResult test() const;

  cc::Call& find(const std::string& id);
  cc::Connection& find(cc::Call& call, const std::string& device, std::string_view verb);
  void become(cc::Call& call, cc::Connection& party, cc::ConnectionState state, cc::EventType event);
  void answer(const std::string& id);
  void end(cc::Call& call);
  void say(cc::EventType event, const cc::Call& call, const std::string& device);
  void describeVerbs(cc::Call& call);

  std::map<std::string, cc::Call> calls_;  // those that have not ended, by id
  std::uint64_t last_call_ = 0;
};

}  // namespace sample_pbx

#endif
