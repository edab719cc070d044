#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::service {

// One option, "--name VALUE" or "-n VALUE"; without argument it is a switch.
struct CommandOption {
  std::string name;
  std::string letter = {};    // "" = no short form
  std::string argument = {};  // "FILE"; "" = a switch
  std::string doc = {};
  bool repeatable = false;
};

// The options and arguments as given, all checked against what the command takes.
class CommandLine {
 public:
  bool has(std::string_view option) const { return _options.find(option) != _options.end(); }
  std::string value(std::string_view option, const std::string& fallback = {}) const;  // the last one given
  std::vector<std::string> values(std::string_view option) const;
  std::vector<std::string> optionNames() const;
  const std::vector<std::string>& arguments() const { return _arguments; }  // behind the command's words

  void addOption(const std::string& name, const std::string& value) { _options[name].push_back(value); }
  void setArguments(std::vector<std::string> arguments) { _arguments = std::move(arguments); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> _options;
  std::vector<std::string> _arguments;
};

// "tsunagi-relay unit add NAME": something to do instead of serving.
struct Command {
  std::string words;           // "unit add"
  std::string arguments = {};  // as shown: "NAME", "[FILE]", "NAME..."; each word in capitals counts
  std::string doc = {};
  std::vector<CommandOption> options = {};
  size_t minimumArguments = 0;
  size_t maximumArguments = 0;
};

// A titled part of --help with options that hold without a command.
struct OptionGroup {
  std::string title;
  std::vector<CommandOption> options;
};

// Everything a program can be told, and its help text.
struct CommandLineSpec {
  std::string program, description;
  std::vector<OptionGroup> groups;
  std::vector<Command> commands;

  std::string help(size_t columns = 80) const;
  // The command the words begin with, the longest match; null when there is none.
  const Command* match(const std::vector<std::string>& words, size_t& used) const;
};

}  // namespace tsunagi::service
