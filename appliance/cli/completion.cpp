// SPDX-License-Identifier: Apache-2.0
// Walks the commands and writes one case of a shell function for each.
#include "cli/completion.hpp"

#include <vector>

#include <CLI/CLI.hpp>

namespace jackfield::cli {

namespace {

struct Words {
  std::string path;                                          // "servers add"; empty for the program itself
  std::vector<std::pair<std::string, std::string>> offered;  // word and what it does
};

void collect(const CLI::App& app, const CLI::App& top, const std::string& path, std::vector<Words>& out) {
  Words words{path, {}};
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.offered.emplace_back(command->get_name(), command->get_description());
    collect(*command, top, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
  const auto add_options = [&](const CLI::App& from) {
    for (const auto* option : from.get_options())
      for (const auto& name : option->get_lnames()) words.offered.emplace_back("--" + name, option->get_description());
  };
  add_options(app);
  if (&app != &top) add_options(top);
  out.push_back(std::move(words));
}

std::vector<Words> allWords(const CLI::App& app) {
  std::vector<Words> out;
  collect(app, app, "", out);
  return out;
}

std::string shellQuoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string bashCompletion(const CLI::App& app) {
  std::string cases;
  for (const auto& [path, offered] : allWords(app)) {
    std::string words;
    for (const auto& [word, what] : offered) words += (words.empty() ? "" : " ") + word;
    cases += "    " + shellQuoted(path) + ") words=" + shellQuoted(words) + " ;;\n";
  }
  // The path grows as long as it names a command, so that values of options do not disturb it.
  return "_jackfield() {\n"
         "  local word path='' words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "    if _jackfield_words \"$word\" >/dev/null; then path=$word; fi\n"
         "  done\n"
         "  COMPREPLY=($(compgen -W \"$(_jackfield_words \"$path\")\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "_jackfield_words() {\n"
         "  local words\n"
         "  case $1 in\n" +
         cases +
         "    *) return 1 ;;\n"
         "  esac\n"
         "  echo \"$words\"\n"
         "}\n"
         "complete -o default -F _jackfield jackfield\n";
}

std::string zshCompletion(const CLI::App& app) {
  std::string cases;
  for (const auto& [path, offered] : allWords(app)) {
    std::string words;
    for (const auto& [word, what] : offered) {
      std::string name = word;
      for (auto at = name.find(':'); at != std::string::npos; at = name.find(':', at + 2)) name.insert(at, "\\");
      words += " " + shellQuoted(name + ":" + what);
    }
    cases += "    " + shellQuoted(path) + ") offered=(" + words + ") ;;\n";
  }
  return "#compdef jackfield\n"
         "_jackfield_words() {\n"
         "  case $1 in\n" +
         cases +
         "    *) return 1 ;;\n"
         "  esac\n"
         "}\n"
         "_jackfield() {\n"
         "  local path_of_command='' word i\n"
         "  local -a offered\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    word=\"${path_of_command:+$path_of_command }${words[i]}\"\n"
         "    if _jackfield_words \"$word\"; then path_of_command=$word; fi\n"
         "  done\n"
         "  _jackfield_words \"$path_of_command\"\n"
         "  _describe -t commands jackfield offered\n"
         "}\n"
         "compdef _jackfield jackfield\n";
}

}  // namespace jackfield::cli
