// SPDX-License-Identifier: Apache-2.0
// Sign-in, and the synchronisation in parts, each of which waits for credit.
#include "plugin.hpp"

#include <memory>

namespace sample_directory {

using jackfield::Error;
using jackfield::Responder;
using jackfield::Status;
namespace server = jackfield::server;

namespace {

constexpr const char* cursor = "sample-1";  // of an unchanging directory

// Sends parts of one person each as credit comes, and then the end.
void sendFrom(std::size_t next, const std::shared_ptr<const std::vector<dir::Person>>& people, Responder responder) {
  for (; next < people->size(); ++next) {
    dir::SyncPart part;
    part.entries.push_back((*people)[next]);
    if (!responder.part(part)) {
      responder.onCredit([next, people, responder] { sendFrom(next, people, responder); });
      return;
    }
  }
  dir::SyncPart last;
  last.cursor = cursor;
  responder.reply(last);
}

}  // namespace

SampleDirectory::SampleDirectory() {
  on<dir::Authenticate>("directory/1.authenticate", [this](const dir::Authenticate& a) { return authenticate(a); });
  onAsync<dir::Sync>("directory/1.sync", [this](const dir::Sync& s, Responder r) { sync(s, std::move(r)); });
  on<boost::json::object>("server/1.test", [this](const boost::json::object&) { return test(); });
}

void SampleDirectory::configure() {
  // What the schema in plugin.json cannot say. No I/O here.
  if (settings().domain.find('.') == std::string::npos)
    throw Error(Status::invalid, "sampleDirectory.domain", "domain: " + settings().domain + " has no dot", "/domain",
                settings().domain);
}

void SampleDirectory::start() {
  // Far server: begin to connect here, with work() where your library blocks, and say what comes of it.
  emit("server/1.state", server::State{server::LinkState::connected, ""});
  log().info("sampleDirectory.connected", {{"host", settings().host}});
}

server::TestResult SampleDirectory::test() const {
  // Far server: one finding for each thing that you look at (reachability, TLS name, bind, what a search finds).
  return {{{server::Severity::info, "sampleDirectory.answers", "reachability", settings().host + " answers"}}};
}

// Far server: bind as the person. An unknown login and a wrong password get the same answer.
dir::Authenticated SampleDirectory::authenticate(const dir::Authenticate& request) const {
  for (const auto& person : people())
    if (person.login == request.login && request.password == person.login + "-secret") return {person};
  throw Error(Status::auth, "sampleDirectory.credentials", "login or password is wrong");
}

void SampleDirectory::sync(const dir::Sync& request, Responder responder) const {
  if (request.mode == dir::SyncMode::incremental && request.cursor != cursor)
    throw Error(Status::state, "sampleDirectory.cursor", "this cursor is not known: run a full synchronisation");
  auto changed = std::make_shared<std::vector<dir::Person>>();
  if (request.mode == dir::SyncMode::full) *changed = people();
  sendFrom(0, changed, std::move(responder));
}

// Far server: search, page by page.
std::vector<dir::Person> SampleDirectory::people() const {
  std::vector<dir::Person> out;
  for (const char* login : {"ann", "ben", "cleo"}) {
    dir::Person person;
    person.id = std::string("sample-") + login;  // never changes, whatever else does
    person.login = login;
    person.name = login;
    person.mail = person.login + "@" + settings().domain;
    person.roles = {"user"};
    out.push_back(person);
  }
  return out;
}

}  // namespace sample_directory
