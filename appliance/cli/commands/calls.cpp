// SPDX-License-Identifier: Apache-2.0
// One's own calls and contact log.
#include <ostream>

#include "cli/commands/commands.hpp"

namespace jackfield::cli {

namespace {

struct LogOptions {
  std::string direction;
  bool missed = false;
  int limit = 50;
};

struct TransferOptions {
  std::string to, call, with;
};

std::string partyOf(const boost::json::value& connection) {
  std::string name = textAt(connection, "/user/name");
  if (name.empty()) name = textAt(connection, "/name");
  const auto number = textAt(connection, "/number");
  return (name.empty() ? number : name + " " + number) + " (" + textAt(connection, "/state") + ")";
}

const std::vector<Column>& callColumns() {
  static const auto connections = [](const boost::json::value& call, const auto& show) {
    std::string text;
    const auto* list = call.as_object().if_contains("connections");
    if (list && list->is_array())
      for (const auto& connection : list->get_array())
        if (const std::string part = show(connection); !part.empty()) text += (text.empty() ? "" : " - ") + part;
    return text;
  };
  static const std::vector<Column> columns = {
      column("CALL", "/id"),
      timeColumn("CREATED", "/created"),
      timeColumn("ANSWERED", "/answered"),
      {"PARTIES", [](const boost::json::value& call) { return connections(call, partyOf); }},
      {"POSSIBLE NOW", [](const boost::json::value& call) {
         return connections(call, [](const boost::json::value& c) {
           const auto verbs = textAt(c, "/verbs");
           return verbs.empty() ? std::string() : textAt(c, "/number") + ": " + verbs;
         });
       }}};
  return columns;
}

// Without a name, the only call there is.
std::string chosenCall(Context& context, const std::string& given) {
  if (!given.empty()) return given;
  const auto calls = context.client().get("calls");
  const auto& list = calls.at("calls").as_array();
  if (list.size() == 1) return textAt(list[0], "/id");
  throw Failure(ExitCode::usage, list.empty() ? "there is no call"
                                              : "there are " + std::to_string(list.size()) +
                                                    " calls; name one of them (see: calls list)");
}

void accepted(Context& context, const boost::json::value& answer) {
  context.print(answer, "", {column("CALL", "/call"), column("REQUEST", "/requestId")});
}

std::string duration(const boost::json::value& entry) {
  const auto* answered = entry.as_object().if_contains("answered");
  const auto* ended = entry.as_object().if_contains("ended");
  if (!answered || !ended || !answered->is_int64() || !ended->is_int64() || answered->get_int64() == 0) return {};
  const auto seconds = (ended->get_int64() - answered->get_int64()) / 1000;
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

}  // namespace

void addCallCommands(CLI::App& app, Context& context) {
  auto* calls = app.add_subcommand("calls", "My live calls")->require_subcommand(1);
  does(*calls->add_subcommand("list", "List my calls and what is possible now"), context, [&] {
    context.print(context.client().get("calls"), "/calls", callColumns());
    return ExitCode::success;
  });

  auto* make = calls->add_subcommand("make", "Ring my phone, then call");
  const auto to = does<std::string>(*make, context, [&](const std::string& whom) {
    accepted(context, context.client().post("calls", {{"to", whom}}));
    return ExitCode::success;
  });
  make->add_option("to", *to, "Number as one dials it, SIP URI, or id of a directory entry")->required();

  const std::pair<const char*, const char*> verbs[] = {{"answer", "Let my ringing phone answer"},
                                                       {"hold", "Hold a call"},
                                                       {"retrieve", "Take a held call back"},
                                                       {"drop", "End my part of a call"}};
  for (const auto& [verb, text] : verbs) {
    auto* command = calls->add_subcommand(verb, text);
    const std::string name = verb;
    const auto call = does<std::string>(*command, context, [&context, name](const std::string& given) {
      accepted(context, context.client().post(path("calls", chosenCall(context, given), name), boost::json::object()));
      return ExitCode::success;
    });
    command->add_option("call", *call, "The call; may be left out when there is one");
  }

  auto* transfer = calls->add_subcommand("transfer", "Connect the other party with somebody else");
  const auto move = does<TransferOptions>(*transfer, context, [&](const TransferOptions& o) {
    const auto body = o.with.empty() ? boost::json::object{{"to", o.to}} : boost::json::object{{"otherCall", o.with}};
    accepted(context, context.client().post(path("calls", chosenCall(context, o.call), "transfer"), body));
    return ExitCode::success;
  });
  auto* to_whom = transfer->add_option("to", move->to, "Number as one dials it, SIP URI, or id of a directory entry");
  transfer->add_option("--call", move->call, "The call; may be left out when there is one");
  transfer->add_option("--with", move->with, "Another call of mine: its party and this one's are connected")
      ->excludes(to_whom);
  transfer->require_option(1, 2);

  auto* deflect = calls->add_subcommand("deflect", "Let what rings at my phone ring elsewhere");
  const auto away = does<TransferOptions>(*deflect, context, [&](const TransferOptions& o) {
    accepted(context, context.client().post(path("calls", chosenCall(context, o.call), "deflect"), {{"to", o.to}}));
    return ExitCode::success;
  });
  deflect->add_option("to", away->to, "Number as one dials it, SIP URI, or id of a directory entry")->required();
  deflect->add_option("--call", away->call, "The call; may be left out when there is one");

  auto* log = app.add_subcommand("log", "My contact log, newest first");
  const auto options = does<LogOptions>(*log, context, [&](const LogOptions& o) {
    Query query = {{"limit", std::to_string(o.limit)}};
    if (!o.direction.empty()) query.emplace_back("direction", o.direction);
    if (o.missed) query.emplace_back("missed", "true");
    context.print(context.client().get("contact-log", query), "/entries",
                  {column("ID", "/id"), timeColumn("STARTED", "/started"), column("DIRECTION", "/direction"),
                   column("MISSED", "/missed"), column("NAME", "/name"), column("NUMBER", "/number"),
                   Column{"DURATION", duration}, column("END", "/cause")});
    return ExitCode::success;
  });
  log->add_option("--direction", options->direction, "Only these")->check(CLI::IsMember({"incoming", "outgoing"}));
  log->add_flag("--missed", options->missed, "Only missed calls");
  log->add_option("--limit", options->limit, "How many")->check(CLI::Range(1, 200));
}

}  // namespace jackfield::cli
