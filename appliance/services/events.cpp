// SPDX-License-Identifier: Apache-2.0
// Fan-out of committed events. A reader is first behind: its own thread copies pages of the log to it while the
// journal's writer only notes that it missed something. Once a page comes back empty and nothing was missed meanwhile,
// the reader is live and belongs to the writer alone. So every event reaches it once, in order, without a lock held.
#include "services/events.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include <jackfield/json.hpp>

#include "model/problem.hpp"
#include "services/counters.hpp"

namespace jackfield::services {
namespace {

using Frame = std::shared_ptr<const std::string>;
constexpr std::size_t page_size = 256;

[[noreturn]] void cursorGone(const std::string& cursor) {
  throw model::Problem(
      model::Problem::Kind::gone, "events.cursor.gone",
      "cursor: " + cursor.substr(0, 80) +
          " is older than the event log or of another one; take a snapshot and begin from its cursor",
      {{"/cursor", cursor.substr(0, 80), "a cursor that this server gave within the time it keeps events"}});
}

}  // namespace

class Events::Reader {
 public:
  Reader(const model::Principal& principal, store::Cursor at, std::shared_ptr<EventSink> to)
      : user_id(principal.user_id),
        session_id(principal.session_id),
        system(principal.may(model::Permission::viewSystem)),
        sink(std::move(to)),
        cursor(std::move(at)) {}

  const std::string user_id;
  const std::string session_id;
  const bool system;
  const std::shared_ptr<EventSink> sink;
  store::Cursor cursor;  // the last event that was sent; of the catch-up thread until live, then of the writer

  bool live() const {
    const std::lock_guard lock(mutex_);
    return live_;
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  // For the writer: true when it may send.
  bool mayPush() {
    const std::lock_guard lock(mutex_);
    if (!live_) missed_ = true;
    return live_ && !closed_;
  }
  // For the catch-up: what is committed from now on is noted.
  bool beginPage() {
    const std::lock_guard lock(mutex_);
    missed_ = false;
    return !closed_;
  }
  // After an empty page: true when the reader is live now.
  bool becomeLive() {
    const std::lock_guard lock(mutex_);
    if (!missed_) live_ = true;
    return live_;
  }
  // One thread at a time catches up; the others leave it to that one, which looks once more before it goes.
  bool enterCatchUp() {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
    if (busy_ || live_ || closed_) return false;
    busy_ = true;
    return true;
  }
  void wanted(bool value) {
    const std::lock_guard lock(mutex_);
    wanted_ = value;
  }
  bool leaveCatchUp() {
    const std::lock_guard lock(mutex_);
    if (wanted_ && !live_ && !closed_) return false;
    busy_ = false;
    return true;
  }
  void close(const std::string& reason) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      closed_ = true;
    }
    sink->close(reason);
  }

 private:
  mutable std::mutex mutex_;
  bool live_ = false;
  bool missed_ = false;
  bool closed_ = false;
  bool busy_ = false;
  bool wanted_ = false;
};

struct Events::Impl {
  // The readers by what they may see. Shared with the subscriptions, which take themselves out.
  struct List {
    std::mutex mutex;
    std::unordered_map<const Reader*, std::weak_ptr<Reader>> all;
    std::unordered_map<std::string, std::vector<const Reader*>> by_user;
    std::vector<const Reader*> system;
    bool closed = false;

    void remove(const Reader* reader) {
      const std::lock_guard lock(mutex);
      all.erase(reader);
      std::erase(system, reader);
      const auto user = by_user.find(reader->user_id);
      if (user == by_user.end()) return;
      std::erase(user->second, reader);
      if (user->second.empty()) by_user.erase(user);
    }
    void addTo(std::vector<Subscription>& out, const std::vector<const Reader*>& readers) {
      for (const auto* reader : readers)
        if (auto held = all.at(reader).lock()) out.push_back(std::move(held));
    }
  };

  Impl(store::Journal& of, Counters& count) : journal(of), counters(count), epoch(of.head().epoch) {}

  store::Journal& journal;
  Counters& counters;
  const std::string epoch;
  std::shared_ptr<List> list = std::make_shared<List>();

  std::optional<store::Cursor> place(const std::string& cursor) const {
    return cursor.empty() ? journal.head() : store::Cursor::parse(cursor);
  }

  std::vector<Subscription> receivers(const store::StoredEvent& event) {
    std::vector<Subscription> out;
    const std::lock_guard lock(list->mutex);
    if (event.audience.empty()) {
      list->addTo(out, list->system);
      return out;
    }
    for (const auto& user : event.audience)
      if (const auto found = list->by_user.find(user); found != list->by_user.end()) list->addTo(out, found->second);
    return out;
  }

  // False: the reader was cut.
  bool send(Reader& reader, const Frame& frame, std::uint64_t sequence) {
    if (!reader.sink->send(frame)) {
      counters.readers_cut.add();
      reader.close("slow");
      return false;
    }
    if (sequence > 0) reader.cursor.sequence = sequence;
    counters.frames_sent.add();
    return true;
  }

  void catchUp(Reader& reader) {
    if (!reader.enterCatchUp()) return;
    do {
      reader.wanted(false);
      while (reader.sink->accepting() && page(reader)) {
      }
    } while (!reader.leaveCatchUp());
  }

  // One page; false when there is no more to do here.
  bool page(Reader& reader) {
    if (!reader.beginPage()) return false;
    const auto events = journal.since(reader.cursor, reader.user_id, reader.system, page_size);
    if (!events) {
      reader.close("gone");
      return false;
    }
    for (const auto& event : *events)
      if (!send(reader, frame(epoch, event), event.sequence)) return false;
    return !events->empty() || !reader.becomeLive();
  }
};

Events::Events(store::Journal& journal, Counters& counters) : impl_(std::make_unique<Impl>(journal, counters)) {}
Events::~Events() = default;

void Events::check(const model::Principal& principal, const std::string& cursor) const {
  const auto at = impl_->place(cursor);
  if (!at || !impl_->journal.since(*at, principal.user_id, principal.may(model::Permission::viewSystem), 1))
    cursorGone(cursor);
}

Events::Subscription Events::subscribe(const model::Principal& principal, const std::string& cursor,
                                       std::shared_ptr<EventSink> sink) {
  check(principal, cursor);
  Subscription reader(new Reader(principal, *impl_->place(cursor), std::move(sink)),
                      [list = impl_->list](Reader* gone) {
                        list->remove(gone);
                        delete gone;
                      });
  {
    const std::lock_guard lock(impl_->list->mutex);
    if (impl_->list->closed)
      throw model::Problem(model::Problem::Kind::unavailable, "system.stopping",
                           "Jackfield is stopping; try again soon");
    impl_->list->all.emplace(reader.get(), reader);
    if (!reader->user_id.empty()) impl_->list->by_user[reader->user_id].push_back(reader.get());
    if (reader->system) impl_->list->system.push_back(reader.get());
  }
  const auto hello =
      std::make_shared<const std::string>(R"({"type":"hello","cursor":")" + reader->cursor.text() + "\"}");
  if (impl_->send(*reader, hello, 0)) impl_->catchUp(*reader);
  return reader;
}

void Events::resume(const Subscription& reader) {
  impl_->catchUp(*reader);
}

void Events::publish(const std::vector<store::StoredEvent>& events) {
  for (const auto& event : events) {
    impl_->counters.events_published.add();
    Frame shared;
    for (const auto& reader : impl_->receivers(event)) {
      // What a reader already had from its catch-up may come by once more here.
      if (!reader->mayPush() || event.sequence <= reader->cursor.sequence) continue;
      if (!shared) shared = frame(impl_->epoch, event);
      impl_->send(*reader, shared, event.sequence);
    }
  }
}

void Events::endSession(const std::string& session_id) {
  std::vector<Subscription> ended;
  {
    const std::lock_guard lock(impl_->list->mutex);
    for (const auto& [raw, weak] : impl_->list->all)
      if (raw->session_id == session_id)
        if (auto held = weak.lock()) ended.push_back(std::move(held));
  }
  for (const auto& reader : ended) reader->close("session");
}

void Events::closeAll(const std::string& reason) {
  std::vector<Subscription> ended;
  {
    const std::lock_guard lock(impl_->list->mutex);
    impl_->list->closed = true;
    for (const auto& [raw, weak] : impl_->list->all)
      if (auto held = weak.lock()) ended.push_back(std::move(held));
  }
  for (const auto& reader : ended) reader->close(reason);
}

std::string Events::cursor() const {
  return impl_->journal.head().text();
}

std::size_t Events::readers() const {
  const std::lock_guard lock(impl_->list->mutex);
  return impl_->list->all.size();
}

Frame Events::frame(const std::string& epoch, const store::StoredEvent& event) {
  auto text = std::make_shared<std::string>();
  text->reserve(event.data->size() + 96);
  text->append(R"({"cursor":")").append(store::Cursor{epoch, event.sequence}.text());
  text->append(R"(","type":")").append(event.type).append(R"(","time":)").append(std::to_string(event.time));
  text->append(R"(,"data":)").append(*event.data).append("}");
  return text;
}

}  // namespace jackfield::services
