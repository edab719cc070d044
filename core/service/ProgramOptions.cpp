#include <Poco/Exception.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionSet.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>
#include <utility>

#include "base/LogEscape.h"
#include "base/Version.h"
#include "service/ProgramFrame.h"

namespace tsunagi::service {
namespace {

const std::vector<std::string> LEVELS = {"fatal",       "critical", "error", "warning", "notice",
                                         "information", "debug",    "trace", "none"};
// Options of the frame that make sense with a command too.
const std::set<std::string> EVERYWHERE = {"help", "version", "config", "log-level", "log-format"};

OptionGroup frameOptions() {
  return {"General",
          {{"help", "h", "", "this text"},
           {"version", "V", "", "the version"},
           {"config", "c", "FILE", "the configuration file"},
           {"check", "", "", "read and check the configuration, say what is set and what is not, and end; 0 or 78"},
           {"log-level", "", "LEVEL", "fatal, error, warning, information, debug or trace; wins over [log] level"},
           {"log-format", "", "FORM", "plain or json; wins over [log] format"},
           {"endpoints", "", "FILE", "write the addresses really listened on to FILE, as JSON"}}};
}

OptionGroup daemonOptions() {
  return {"Running in the background",
          {{"daemon", "", "", "go into the background once the start has worked; a log file needs [log] file"},
           {"pidfile", "", "FILE", "write the process number to FILE while running"},
           {"umask", "", "MASK", "file creation mask in octal; 077 unless given"}}};
}

const CommandOption* find(const std::vector<CommandOption>& options, const std::string& name) {
  const auto it =
      std::find_if(options.begin(), options.end(), [&](const CommandOption& option) { return option.name == name; });
  return it == options.end() ? nullptr : &*it;
}

void checkWord(const CommandLine& line, const std::string& option, const std::vector<std::string>& allowed) {
  if (!line.has(option)) return;
  const std::string value = line.value(option);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  std::string all;
  for (const std::string& word : allowed) all += (all.empty() ? "" : ", ") + word;
  throw ProgramError(exitUsage, "--" + option + " " + logEscape(value) + ": must be one of " + all);
}

// Poco names an option without its dashes.
std::string asGiven(const std::string& name, int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (argv[i] == "-" + name) return "-" + name;
  return "--" + name;
}

void setMask(const CommandLine& line) {
  if (!line.has("umask")) return;
  const std::string text = line.value("umask");
  unsigned mask = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mask, 8);
  if (problem != std::errc() || end != text.data() + text.size() || mask > 0777)
    throw ProgramError(exitUsage, "--umask " + logEscape(text) + ": must be an octal number like 027");
  ::umask(static_cast<mode_t>(mask));
}

}  // namespace

ConfigSection logSection() {
  return {
      .name = "log",
      .doc = "what is written about the work, to stderr or a file",
      .keys = {
          {.name = "level", .fallback = "information", .doc = "the least important kind of line", .choices = LEVELS},
          {.name = "levels",
           .type = ConfigType::list,
           .doc = "levels of single loggers and those below them, like net:debug, relay.edge:trace"},
          {.name = "format",
           .fallback = "plain",
           .doc = "plain, or json with one object per line",
           .choices = {"plain", "json"}},
          {.name = "file", .type = ConfigType::path, .doc = "append here instead of stderr; opened anew at SIGHUP"}}};
}

void Program::defineOptions(Poco::Util::OptionSet& options) {
  // Not ServerApplication's: its --daemon forks before the configuration is read, with stderr closed.
  Application::defineOptions(options);
  CommandLineSpec& spec = _frame->spec;
  spec.groups.push_back(frameOptions());
  defineCommandLine(spec);
  spec.groups.push_back(daemonOptions());
  std::set<std::string> known;
  const auto add = [&](const CommandOption& option) {
    if (!known.insert(option.name).second) return;  // the same option of several commands
    Poco::Util::Option poco(option.name, option.letter, option.doc, false);
    if (!option.argument.empty()) poco.argument(option.argument, true);
    options.addOption(poco.repeatable(option.repeatable));
  };
  for (const OptionGroup& group : spec.groups)
    for (const CommandOption& option : group.options) add(option);
  for (const Command& command : spec.commands)
    for (const CommandOption& option : command.options) add(option);
}

void Program::handleOption(const std::string& name, const std::string& value) { _frame->line.addOption(name, value); }

int Program::parseAndRun(int argc, char** argv) {
  const std::string hint = "; " + _frame->spec.program + " --help shows them all";
  const auto usage = [&](const std::string& what) { return fail(exitUsage, what + hint); };
  try {
    init(argc, argv);
  } catch (const Poco::Util::UnknownOptionException& e) {
    std::vector<std::string> known;
    for (const Poco::Util::Option& option : options()) known.push_back(option.fullName());
    const std::string given = asGiven(e.message(), argc, argv);
    const std::string near = given.compare(0, 2, "--") == 0 ? nearestWord(e.message(), known) : "";
    return usage("unknown option " + given + (near.empty() ? "" : "; did you mean --" + near + "?"));
  } catch (const Poco::Util::AmbiguousOptionException& e) {
    return usage("ambiguous option " + asGiven(e.message(), argc, argv));
  } catch (const Poco::Util::MissingArgumentException& e) {
    return usage("option --" + e.message());
  } catch (const Poco::Util::UnexpectedArgumentException& e) {
    return usage("option --" + e.message().substr(0, e.message().find('=')) + " takes no value");
  } catch (const Poco::Util::DuplicateOptionException& e) {
    return usage("option --" + e.message() + " is given twice");
  } catch (const Poco::Util::OptionException& e) {
    return usage("bad option: " + e.message());
  }
  return run();
}

int Program::chooseAction(std::vector<std::string> words) {
  const CommandLineSpec& spec = _frame->spec;
  CommandLine& line = _frame->line;
  const std::string hint = "; " + spec.program + " --help shows them all";
  if (line.has("help")) {
    std::fputs(spec.help().c_str(), stdout);
    return std::fflush(stdout) == 0 ? exitOk : exitInternal;
  }
  if (line.has("version")) {
    std::printf("%s %s\n", spec.program.c_str(), TSUNAGI_VERSION);
    return std::fflush(stdout) == 0 ? exitOk : exitInternal;
  }
  checkWord(line, "log-level", LEVELS);
  checkWord(line, "log-format", {"plain", "json"});
  setMask(line);

  size_t used = 0;
  const Command* command = spec.match(words, used);
  if (command == nullptr && !words.empty()) {
    std::vector<std::string> known;
    for (const Command& c : spec.commands) known.push_back(c.words.substr(0, c.words.find(' ')));
    if (known.empty()) return fail(exitUsage, "unexpected argument " + logEscape(words.front()) + hint);
    const std::string near = nearestWord(words.front(), known);
    std::string given = words.front();
    if (near == given && words.size() > 1) given += " " + words[1];
    return fail(exitUsage, "unknown command " + logEscape(given) +
                               (near.empty() || near == words.front() ? "" : "; did you mean " + near + "?") + hint);
  }
  for (const std::string& name : line.optionNames()) {
    bool general = false;
    for (const OptionGroup& group : spec.groups) general = general || find(group.options, name) != nullptr;
    const bool own = command != nullptr && find(command->options, name) != nullptr;
    if (!own && (command == nullptr ? !general : EVERYWHERE.count(name) == 0))
      return fail(exitUsage, "option --" + name + " does not go with " +
                                 (command == nullptr ? "running the service" : command->words) + hint);
  }
  if (command == nullptr) return serve();

  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  if (words.size() < command->minimumArguments || words.size() > command->maximumArguments)
    return fail(exitUsage, "usage: " + spec.program + " " + command->words +
                               (command->arguments.empty() ? "" : " " + command->arguments) + hint);
  line.setArguments(std::move(words));
  unblockSignals();
  return onCommand(*command, line);
}

Status Program::applyLogging(const Settings& settings) {
  const std::lock_guard lock(_frame->logging);
  LogSettings log;
  log.level = _frame->line.value("log-level", settings.text("log", "level"));
  log.format =
      _frame->line.value("log-format", settings.text("log", "format")) == "json" ? LogFormat::json : LogFormat::plain;
  log.file = settings.path("log", "file");
  for (const std::string& item : settings.list("log", "levels")) {
    const size_t colon = item.find(':');
    const std::string level = colon == std::string::npos ? "" : item.substr(colon + 1);
    if (std::find(LEVELS.begin(), LEVELS.end(), level) == LEVELS.end())
      return Error{settings.where("log", "levels") + ": [log] levels: " + logEscape(item) + " must be logger:level"};
    log.loggers.emplace_back(item.substr(0, colon), level);
  }
  const Status status = setUpLogging(log);
  return status ? Status() : Status(Error{settings.where("log", "file") + ": [log] file: " + status.error()});
}

}  // namespace tsunagi::service
