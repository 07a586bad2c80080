// SPDX-License-Identifier: Apache-2.0
// Searching: pages asked for ahead, entries read in place, ranges.
#include <algorithm>
#include <cstdlib>
#include <deque>

#include "filter.hpp"
#include "handle.hpp"

namespace jackfield::directory::ldap {

namespace {

// Reads messages of the entry kind; its buffers serve entry after entry.
class EntryReader {
 public:
  explicit EntryReader(LDAP* ld) : ld_(ld) {}

  // False: the message is malformed, and so is the connection behind it.
  bool read(LDAPMessage* message, Entry& entry) {
    attributes_.clear();
    values_.clear();
    counts_.clear();
    BerElement* raw = nullptr;
    berval dn{};
    if (ldap_get_dn_ber(ld_, message, &raw, &dn) != LDAP_SUCCESS) return false;
    const std::unique_ptr<BerElement, void (*)(BerElement*)> ber(raw, [](BerElement* b) { ber_free(b, 0); });
    entry.dn = view(dn);
    for (;;) {
      berval name{};
      BerVarray values = nullptr;
      if (ldap_get_attribute_ber(ld_, message, ber.get(), &name, &values) != LDAP_SUCCESS) return false;
      if (!name.bv_val) break;
      std::size_t count = 0;
      for (; values && values[count].bv_val; ++count) values_.push_back(view(values[count]));
      ber_memfree(values);
      attributes_.push_back({view(name), {}});
      counts_.push_back(count);
    }
    std::span<const std::string_view> rest(values_);
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
      attributes_[i].values = rest.first(counts_[i]);
      rest = rest.subspan(counts_[i]);
    }
    entry.attributes = attributes_;
    return true;
  }

 private:
  static std::string_view view(const berval& v) { return {v.bv_val, v.bv_len}; }

  LDAP* ld_;
  std::vector<Attribute> attributes_;
  std::vector<std::string_view> values_;
  std::vector<std::size_t> counts_;
};

class Search {
 public:
  Search(Connection::Impl& connection, const Query& query, const Connection::Each& each)
      : c_(connection), query_(query), each_(each), reader_(connection.ld.get()) {
    for (const auto& name : query.attributes) names_.push_back(const_cast<char*>(name.c_str()));
    if (names_.empty()) names_.push_back(const_cast<char*>(LDAP_NO_ATTRS));
    names_.push_back(nullptr);
  }

  void run() {
    const SigpipeHeld held;
    ask();
    while (pending_id_ >= 0) {
      collectPage();
      if (!handOut(0)) break;
    }
    if (pending_id_ >= 0) ldap_abandon_ext(c_.ld.get(), pending_id_, nullptr, nullptr);
  }

 private:
  // Sends the request for the next page, or for everything when the search is not paged.
  void ask() {
    LDAPControl* page = nullptr;
    if (query_.page_size > 0) {
      berval cookie{static_cast<ber_len_t>(cookie_.size()), cookie_.data()};
      ldap_create_page_control(c_.ld.get(), query_.page_size, cookie_.empty() ? nullptr : &cookie, 0, &page);
    }
    const std::unique_ptr<LDAPControl, void (*)(LDAPControl*)> owner(page,
                                                                     [](LDAPControl* p) { ldap_control_free(p); });
    LDAPControl* controls[] = {page, nullptr};
    const int code =
        ldap_search_ext(c_.ld.get(), query_.base.c_str(),
                        query_.scope == Scope::base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE, query_.filter.c_str(),
                        names_.data(), 0, page ? controls : nullptr, nullptr, nullptr, query_.limit, &pending_id_);
    if (code == LDAP_FILTER_ERROR)
      throw Error(Status::invalid, "directory.filter.syntax", "the filter " + query_.filter + " is not valid",
                  "/contactFilter", query_.filter);
    if (code != LDAP_SUCCESS) throw connectionLost(c_.ld.get(), c_.endpoint);
  }

  // Takes the messages of one page, and asks for the next before any of them is looked at, so that the server works
  // while we do. A server that does not page sends all at once: then entries are handed out as they come.
  void collectPage() {
    const auto most = static_cast<std::size_t>(query_.page_size > 0 ? query_.page_size : 1000);
    for (;;) {
      Message message = wait(c_.ld.get(), pending_id_, c_.endpoint.search_timeout, c_.stop, c_.endpoint);
      switch (ldap_msgtype(message.get())) {
        case LDAP_RES_SEARCH_ENTRY:
          waiting_.push_back(std::move(message));
          if (waiting_.size() > most && !handOut(most)) return;
          break;
        case LDAP_RES_SEARCH_REFERENCE:
          ++c_.references;
          break;
        case LDAP_RES_SEARCH_RESULT:
          finishPage(message.get());
          return;
        default:
          break;
      }
    }
  }

  void finishPage(LDAPMessage* message) {
    pending_id_ = -1;
    int result = LDAP_OTHER;
    LDAPControl** raw = nullptr;
    char* said = nullptr;
    const int code = ldap_parse_result(c_.ld.get(), message, &result, nullptr, &said, nullptr, &raw, 0);
    const Controls controls(raw);
    const std::string text = said ? std::string(said).substr(0, 200) : "";
    ldap_memfree(said);
    if (code != LDAP_SUCCESS) throw connectionLost(c_.ld.get(), c_.endpoint);
    judge(result, text);
    cookie_.clear();
    if (LDAPControl* page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls.get(), nullptr)) {
      ber_int_t estimate = 0;
      berval cookie{};
      if (ldap_parse_pageresponse_control(c_.ld.get(), page, &estimate, &cookie) == LDAP_SUCCESS && cookie.bv_val) {
        cookie_.assign(cookie.bv_val, cookie.bv_len);
        ldap_memfree(cookie.bv_val);
      }
    }
    if (!cookie_.empty()) ask();
  }

  void judge(int result, const std::string& said) const {
    const std::string where = c_.endpoint.address() + ": search below \"" + query_.base + "\": ";
    switch (result) {
      case LDAP_SUCCESS:
        return;
      case LDAP_SIZELIMIT_EXCEEDED:
        if (query_.limit > 0) return;
        throw Error(Status::unsupported, "directory.search.sizeLimit",
                    where +
                        "the server gives no more entries: lower the page size, or lift the server's size limit for "
                        "the service account");
      case LDAP_NO_SUCH_OBJECT:
        throw Error(Status::notFound, "directory.baseDn.missing", where + "there is no such entry");
      case LDAP_REFERRAL:
        throw Error(Status::notFound, "directory.referral",
                    where +
                        "the server refers to another server; name that server in the settings, referrals are not "
                        "followed");
      case LDAP_INVALID_DN_SYNTAX:
        throw Error(Status::invalid, "directory.baseDn.missing", where + "this is not a DN");
      case LDAP_TIMELIMIT_EXCEEDED:
      case LDAP_ADMINLIMIT_EXCEEDED:
        throw Error(Status::timeout, "directory.search.limit",
                    where + "the server ended the search: " + ldap_err2string(result));
      case LDAP_INSUFFICIENT_ACCESS:
      case LDAP_OPERATIONS_ERROR:
        throw Error(Status::auth, "directory.search.refused",
                    where + "the service account may not: " + (said.empty() ? ldap_err2string(result) : said));
      default:
        throw Error(Status::unreachable, "directory.search.failed",
                    where + ldap_err2string(result) + (said.empty() ? "" : " (" + said + ")"));
    }
  }

  // Hands out all but the newest `keep` entries. False: the caller wants no more.
  bool handOut(std::size_t keep) {
    while (waiting_.size() > keep) {
      const Message message = std::move(waiting_.front());
      waiting_.pop_front();
      Entry entry;
      if (!reader_.read(message.get(), entry))
        throw Error(Status::unreachable, "directory.connection.malformed",
                    c_.endpoint.address() + " sent an entry that is not LDAP");
      if (!each_(entry)) {
        waiting_.clear();
        return false;
      }
    }
    return true;
  }

  Connection::Impl& c_;
  const Query& query_;
  const Connection::Each& each_;
  EntryReader reader_;
  std::vector<char*> names_;
  std::string cookie_;
  int pending_id_ = -1;
  std::deque<Message> waiting_;
};

// "member;range=0-199" -> 199; "member;range=0-*" -> -1; without a range -1.
long endOfRange(std::string_view name) {
  const auto at = name.find(";range=");
  if (at == std::string_view::npos) return -1;
  const auto dash = name.find('-', at);
  if (dash == std::string_view::npos || dash + 1 >= name.size() || name[dash + 1] == '*') return -1;
  return std::strtol(std::string(name.substr(dash + 1)).c_str(), nullptr, 10);
}

bool isRangeOf(std::string_view name, std::string_view attribute) {
  return sameName(name.substr(0, name.find(';')), attribute);
}

}  // namespace

void Connection::search(const Query& query, const Each& each) {
  Search(*impl_, query, each).run();
}

void Connection::readValues(const std::string& dn, const std::string& attribute, int range_size, bool ask_ranges,
                            const std::function<void(std::string_view)>& each) {
  long from = 0;
  bool ranged = ask_ranges;
  for (;;) {
    Query query{dn, Scope::base};
    query.attributes = {ranged
                            ? attribute + ";range=" + std::to_string(from) + "-" + std::to_string(from + range_size - 1)
                            : attribute};
    long last = -1;
    search(query, [&](const Entry& entry) {
      for (const auto& found : entry.attributes) {
        if (!isRangeOf(found.name, attribute)) continue;
        for (const auto value : found.values) each(value);
        if (!found.values.empty()) last = std::max(last, endOfRange(found.name));
      }
      return true;
    });
    if (last < from) return;
    from = last + 1;
    ranged = true;
  }
}

}  // namespace jackfield::directory::ldap
