// SPDX-License-Identifier: Apache-2.0
// The first plugin of a stranger.
#include <jackfield/plugin.hpp>

struct Settings {
  std::string greeting = "hello";
};
BOOST_DESCRIBE_STRUCT(Settings, (), (greeting))

struct Name {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Name, (), (name))

class Hello final : public jackfield::Plugin<Settings> {
 public:
  Hello() {
    on<Name>("zoo/1.hello", [this](const Name& who) { return Name{settings().greeting + ", " + who.name}; });
  }
  void start() override { log().info("hello.started", {{"greeting", settings().greeting}}); }
};
JACKFIELD_PLUGIN(Hello);
