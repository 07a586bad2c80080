// SPDX-License-Identifier: Apache-2.0
// The plugin in a process of its own that can be killed: keeps its records on disk as the host would, writes every
// event as a line of JSON to standard output, takes commands as lines "REQUEST-NAME JSON" from a FIFO.
//   call_server_driver SETTINGS.json RECORDS.json COMMANDS
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jackfield/plugin.hpp>
#include <jackfield/testing/fake_host.hpp>

extern "C" const jf_plugin_entry jf_plugin_entry_1;

namespace {

using namespace jackfield;

boost::json::object read(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str().empty() ? boost::json::object() : parseJson(text.str()).as_object();
}

// Replaced as a whole and synced: what a kill leaves is the old or the new content.
void write(const std::string& file, const boost::json::object& records) {
  const std::string text = boost::json::serialize(records), next = file + ".next";
  const int fd = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(fd) != 0)
    throw std::runtime_error("cannot write " + next);
  close(fd);
  rename(next.c_str(), file.c_str());
}

class Driver {
 public:
  Driver(const std::string& settings, std::string records)
      : file_(std::move(records)),
        records_(read(file_)),
        host_(jf_plugin_entry_1, "sip", testing::FakeLoop::own, testing::FakeClock::real) {
    host_.answer("storage/1.load", [this](const boost::json::value&) {
      Reply part;
      part.body = boost::json::object{{"records", records_}};
      return std::vector<Reply>{part};
    });
    host_.configure(read(settings));
    host_.start();
  }

  // Writes what is new: first to disk, then out.
  void pump() {
    const auto sent = host_.take();
    bool dirty = false;
    for (const auto& s : sent) {
      if (s.kind != JF_EVENT || s.name != "call-control/1.event") continue;
      for (const auto& [key, value] : s.body.at("keep").as_object()) {
        dirty = true;
        if (value.is_null())
          records_.erase(key);
        else
          records_[key] = value;
      }
    }
    if (dirty) write(file_, records_);
    for (const auto& s : sent) {
      if (s.kind == JF_EVENT || s.kind == JF_REPLY)
        std::cout << boost::json::serialize(boost::json::object{{"name", s.kind == JF_REPLY ? "reply" : s.name},
                                                                {"status", static_cast<int>(s.status)},
                                                                {"body", s.body}})
                  << std::endl;
    }
  }

  void command(const std::string& line) {
    const auto space = line.find(' ');
    host_.deliver(line.substr(0, space), parseJson(line.substr(space + 1)));
  }

 private:
  const std::string file_;
  boost::json::object records_;
  testing::FakeHost host_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  Driver driver(argv[1], argv[2]);
  mkfifo(argv[3], 0600);
  std::fstream commands(argv[3]);  // for reading and writing, so that it never ends
  std::jthread input([&] {
    std::string line;
    while (std::getline(commands, line)) driver.command(line);
  });
  for (;;) {
    driver.pump();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}
