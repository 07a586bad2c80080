// SPDX-License-Identifier: Apache-2.0
// jackfieldd: starts the program, waits for signals, ends it.
#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>

#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionCallback.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>
#include <malloc.h>
#include <pthread.h>

#include <jackfield/error.hpp>

#include "gateway/daemon.hpp"
#include "kernel/base/configuration.hpp"
#include "model/problem.hpp"

namespace {

namespace fs = std::filesystem;
using jackfield::kernel::Configuration;

constexpr const char* usualFile = "/etc/jackfield/jackfield.conf";
// sysexits.h: a wrapper can tell a wrong configuration from a crash.
constexpr int exitConfiguration = 78;
constexpr int exitUnavailable = 69;

// Messages of up to a MiB come and go by the thousand. glibc would give their memory back to the system each time, and
// take it again page by page: a fifth of a synchronisation's CPU time (tests/bench/directory_sync.cpp).
void keepMemoryOfMessages() {
  // NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread yet
  ::mallopt(M_MMAP_THRESHOLD, 2 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
  // NOLINTEND(concurrency-mt-unsafe)
}

class Jackfieldd : public Poco::Util::ServerApplication {
 protected:
  void defineOptions(Poco::Util::OptionSet& options) override {
    using Poco::Util::Option;
    using Callback = Poco::Util::OptionCallback<Jackfieldd>;
    const auto flag = [&](const char* name, const char* text) {
      options.addOption(Option(name, "", text).callback(Callback(this, &Jackfieldd::choose)));
    };
    options.addOption(Option("config", "c", "configuration file (" + std::string(usualFile) + ")")
                          .argument("FILE")
                          .callback(Callback(this, &Jackfieldd::useFile)));
    flag("check", "say everything that is wrong with the configuration and end");
    flag("print-config", "print a documented configuration file with all defaults and end");
    flag("version", "print the version and end");
    flag("help", "print this text and end");
  }

  int main(const std::vector<std::string>& arguments) override {
    if (!arguments.empty()) {
      std::cerr << "jackfieldd: " << arguments.front() << " is not an option; see jackfieldd --help\n";
      return EXIT_USAGE;
    }
    if (task_ == "help") return help();
    if (task_ == "version") {
      std::cout << "jackfieldd " << JACKFIELD_VERSION << "\n";
      return EXIT_OK;
    }
    if (task_ == "print-config") {
      std::cout << Configuration::sample();
      return EXIT_OK;
    }
    if (task_ == "check") return jackfield::kernel::checkConfiguration(file_, Configuration::environment(), std::cout);
    return serve();
  }

 private:
  void useFile(const std::string&, const std::string& value) { file_ = value; }
  void choose(const std::string& name, const std::string&) {
    task_ = name;
    if (name == "help") stopOptionsProcessing();
  }

  int help() {
    Poco::Util::HelpFormatter text(options());
    text.setCommand(commandName());
    text.setUsage("[--config=FILE] [--check | --print-config | --version]");
    text.setHeader("The Jackfield host.");
    text.format(std::cout);
    return EXIT_OK;
  }

  int serve() {
    // Before the first thread, so that all inherit it and signals wait for us.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    keepMemoryOfMessages();
    try {
      jackfield::gateway::Daemon daemon(Configuration::load(file_), JACKFIELD_VERSION);
      daemon.start();
      for (int number = 0; number != SIGTERM && number != SIGINT && number != SIGQUIT;) {
        ::sigwait(&signals, &number);
        if (number == SIGHUP) daemon.reload();
      }
      daemon.stop();
      return EXIT_OK;
    } catch (const jackfield::kernel::ConfigurationError& e) {
      std::cerr << e.what() << "\n";
      return exitConfiguration;
    } catch (const jackfield::Error& e) {
      std::cerr << e.code() << ": " << e.what() << "\n";
    } catch (const jackfield::model::Problem& e) {
      std::cerr << e.code() << ": " << e.what() << "\n";
    }
    return exitUnavailable;
  }

  fs::path file_ = fs::exists(usualFile) ? usualFile : "";
  std::string task_;
};

}  // namespace

POCO_SERVER_MAIN(Jackfieldd)
