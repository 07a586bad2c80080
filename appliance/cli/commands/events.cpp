// SPDX-License-Identifier: Apache-2.0
// Follows the event stream. A lost connection goes on from the last cursor, so that nothing is missed or shown twice.
#include <chrono>
#include <ostream>
#include <thread>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

struct EventOptions {
  std::string cursor;
  int count = 0;
};

constexpr int mostAttempts = 30;
constexpr auto betweenAttempts = std::chrono::seconds(1);

std::string summary(const boost::json::value& frame) {
  const auto type = textAt(frame, "/type");
  if (type == "call") {
    std::string text = textAt(frame, "/data/event") + "  " + textAt(frame, "/data/call/id");
    boost::system::error_code absent;
    const auto* connections = frame.find_pointer("/data/call/connections", absent);
    if (connections && connections->is_array())
      for (const auto& c : connections->get_array()) text += "  " + textAt(c, "/number") + " " + textAt(c, "/state");
    return text;
  }
  if (type == "contactLog")
    return textAt(frame, "/data/direction") + "  " + textAt(frame, "/data/number") + "  " + textAt(frame, "/data/name");
  if (type == "server") return textAt(frame, "/data/handle") + "  " + textAt(frame, "/data/state");
  if (type == "alarm") return textAt(frame, "/data/severity") + "  " + textAt(frame, "/data/text");
  if (type == "sync") return textAt(frame, "/data/directory") + "  " + textAt(frame, "/data/state");
  return boost::json::serialize(frame.at("data"));
}

void show(Context& context, const boost::json::value& frame) {
  if (context.format != Format::table) {
    context.streams.out << boost::json::serialize(frame) << std::endl;
    return;
  }
  const auto& time = frame.at("time");
  context.streams.out << localTime(time.is_int64() ? time.get_int64() : 0) << "  " << textAt(frame, "/type") << "  "
                      << summary(frame) << std::endl;
}

ExitCode follow(Context& context, const EventOptions& options) {
  std::string cursor = options.cursor;
  int left = options.count;
  int attempts = 0;
  for (;;) {
    try {
      const bool done = context.client().events(cursor, [&](const boost::json::object& frame) {
        attempts = 0;
        if (const auto now = textAt(frame, "/cursor"); !now.empty()) cursor = now;
        if (textAt(frame, "/type") == "hello") return true;
        show(context, frame);
        return options.count == 0 || --left > 0;
      });
      if (done) return ExitCode::success;
    } catch (const Failure& failure) {
      // Only a stream that had begun is worth going back to.
      if (failure.code() != ExitCode::connection || cursor.empty() || ++attempts > mostAttempts) throw;
    }
    context.streams.err << "jackfield: the event stream ended; going on from " << cursor << "\n";
    std::this_thread::sleep_for(betweenAttempts);
  }
}

}  // namespace

void addEventsCommand(CLI::App& app, Context& context) {
  auto* events = app.add_subcommand("events", "Follow what happens, as it happens");
  const auto options = does<EventOptions>(*events, context, [&](const EventOptions& o) { return follow(context, o); });
  events->add_option("--cursor", options->cursor, "Begin after this event; it is in every line of --output json");
  events->add_option("--count", options->count, "End after so many; 0: never")->check(CLI::NonNegativeNumber);
}

}  // namespace jackfield::cli
