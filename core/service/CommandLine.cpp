#include "service/CommandLine.h"

#include <algorithm>

namespace tsunagi::service {
namespace {

std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// Text between a left margin and the last column, the first line going on at column `at`.
std::string wrapped(const std::string& text, size_t at, size_t margin, size_t columns) {
  std::string out;
  size_t column = at;
  for (const std::string& word : wordsOf(text)) {
    const bool first = column <= margin && (out.empty() || out.back() == ' ');
    if (!first && column + 1 + word.size() > columns) {
      out += "\n" + std::string(margin, ' ');
      column = margin;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

// "  left          text", text in a column of its own, on the next line when left is too wide.
std::string row(const std::string& left, const std::string& text, size_t columns) {
  constexpr size_t margin = 28;
  std::string out = "  " + left;
  if (text.empty()) return out + "\n";
  if (out.size() + 2 > margin)
    out += "\n" + std::string(margin, ' ');
  else
    out += std::string(margin - out.size(), ' ');
  return out + wrapped(text, margin, margin, columns) + "\n";
}

std::string optionRow(const CommandOption& option, size_t columns, const std::string& indent = {}) {
  const std::string argument = option.argument.empty() ? "" : " " + option.argument;
  const std::string letter = option.letter.empty() ? "    " : "-" + option.letter + ", ";
  return row(indent + letter + "--" + option.name + argument, option.doc, columns);
}

}  // namespace

std::string CommandLine::value(std::string_view option, const std::string& fallback) const {
  const auto it = _options.find(option);
  return it == _options.end() || it->second.empty() ? fallback : it->second.back();
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
  const auto it = _options.find(option);
  return it == _options.end() ? std::vector<std::string>() : it->second;
}

std::vector<std::string> CommandLine::optionNames() const {
  std::vector<std::string> names;
  for (const auto& [name, values] : _options) names.push_back(name);
  return names;
}

// The numbers of ProgramExit.h.
constexpr const char* EXITS =
    "Exit codes: 0 fine, 64 wrong usage, 69 something it needs is not there (an address in use, a program that does "
    "not "
    "answer), 70 an internal error, 78 wrong configuration or data folder; 143 or 130 when a second SIGTERM or SIGINT "
    "ended it.";

std::string CommandLineSpec::help(size_t columns) const {
  std::string out = "usage: " + program + " [options]\n";
  if (!commands.empty()) out += "       " + program + " [options] COMMAND [arguments]\n";
  out += "\n" + wrapped(description, 0, 0, columns) + "\n";
  for (const OptionGroup& group : groups) {
    out += "\n" + group.title + "\n";
    for (const CommandOption& option : group.options) out += optionRow(option, columns);
  }
  if (!commands.empty()) out += "\nCommands\n";
  for (const Command& command : commands) {
    out += row(command.words + (command.arguments.empty() ? "" : " " + command.arguments), command.doc, columns);
    for (const CommandOption& option : command.options) out += optionRow(option, columns, "  ");
  }
  return out + "\n" + wrapped(EXITS, 0, 0, columns) + "\n";
}

const Command* CommandLineSpec::match(const std::vector<std::string>& words, size_t& used) const {
  const Command* best = nullptr;
  used = 0;
  for (const Command& command : commands) {
    const std::vector<std::string> wanted = wordsOf(command.words);
    if (wanted.size() <= used || wanted.size() > words.size()) continue;
    if (!std::equal(wanted.begin(), wanted.end(), words.begin())) continue;
    best = &command;
    used = wanted.size();
  }
  return best;
}

}  // namespace tsunagi::service
