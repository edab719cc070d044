#include "app/BridgeCommands.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "app/BridgeConfig.h"
#include "base/Clock.h"
#include "base/LogEscape.h"
#include "base/Random.h"
#include "chat/ChannelApi.h"
#include "chat/PairingCode.h"
#include "files/Mover.h"
#include "line/Events.h"
#include "net/HttpClient.h"
#include "service/ConfigSchema.h"
#include "service/DataFolder.h"
#include "service/ProgramExit.h"
#include "sql/Database.h"
#include "store/StoreFile.h"
#include "store/Tables.h"

namespace tsunagi::app {
namespace {

using nlohmann::json;
using service::CommandLine;
using service::ProgramError;

constexpr const char* DEFAULT_LIFE = "24h";
constexpr int64_t LONGEST_LIFE_MS = 30 * 24 * 3'600'000LL;

std::string dump(const json& value, int indent = 2) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

int say(const std::string& text) {
  std::puts(text.c_str());
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

store::Role roleOf(const CommandLine& options) {
  const std::string given = options.value("role", "member");
  for (const auto role : {store::Role::Guest, store::Role::Member, store::Role::Owner})
    if (given == store::name(role)) return role;
  throw ProgramError(service::exitUsage, "--role " + logEscape(given) + ": must be owner, member or guest");
}

// The channel a command is about: the named one, or the only one there is.
std::string channelOf(const service::Settings& settings, const CommandLine& options) {
  const auto sections = settings.sections("line");
  if (options.has("channel")) {
    const std::string given = options.value("channel");
    for (const std::string& section : sections)
      if (section == given || section == "line." + given) return section;
    throw ProgramError(service::exitUsage, "--channel " + logEscape(given) + ": there is no section [line." +
                                               logEscape(given) + "] in the configuration");
  }
  if (sections.size() > 1)
    throw ProgramError(service::exitUsage, "there are several channels; say which with --channel");
  return sections.empty() ? "line" : sections.front();
}

// What the bot is called on LINE; nothing when LINE cannot be asked.
std::optional<chat::ChannelApi::Bot> askBot(const service::Settings& settings, const std::string& channel) {
  ClientCache tls;
  net::CancelToken cancel;
  const auto config = BridgeConfig::read(settings, tls, cancel, "command");
  if (!config) return std::nullopt;
  for (const auto& one : config->channels)
    if (one.name == channel && one.api) return one.api->bot();
  return std::nullopt;
}

std::string userArgument(const CommandLine& options) {
  const std::string& given = options.arguments().at(0);
  if (line::isLineId(given, "U")) return given;
  throw ProgramError(
      service::exitUsage,
      "\"" + logEscape(given) + "\" is no LINE user id (U and 32 hex digits); see tsunagi-bridge user list");
}

int code(const service::Settings& settings, store::Tables& tables, const CommandLine& options) {
  const std::string channel = channelOf(settings, options);
  const store::Role role = roleOf(options);
  const std::string given = options.value("life", DEFAULT_LIFE);
  const auto life = service::parseDurationMs(given);
  if (!life || *life < 60'000 || *life > LONGEST_LIFE_MS)
    throw ProgramError(service::exitUsage, "--life " + logEscape(given) + ": must be a time from 1m to 30d");
  const std::string made = chat::makePairingCode(randomBytes);
  tables.people.addPairingCode(channel, chat::pairingCodeHash(tables.people.installKey(), channel, made), role,
                               Clock::system().wallMs() + *life);
  tables.people.audit("console", "pairing code made", channel + " " + std::string(store::name(role)));
  const auto bot = askBot(settings, channel);
  const std::string link = bot && !bot->basicId.empty() ? chat::pairingLink(bot->basicId, made) : "";
  if (options.has("json"))
    return say(dump({{"code", chat::showPairingCode(made)},
                     {"role", store::name(role)},
                     {"channel", channel},
                     {"link", link.empty() ? json() : json(link)}}));
  say("code   " + chat::showPairingCode(made) + "   (" + std::string(store::name(role)) + ", good for " + given +
      ", once)");
  if (!link.empty()) say("link   " + link + "   opens the chat with the code typed in");
  return say("Send it to the bot in a 1:1 chat: /pair " + chat::showPairingCode(made));
}

int listUsers(store::Tables& tables, const CommandLine& options) {
  json all = json::array();
  for (const auto& [person, channel] : tables.people.everybody()) {
    json one{{"user", person.lineUserId},
             {"name", person.displayName},
             {"channel", channel},
             {"state", store::name(person.state)},
             {"role", store::name(person.role)},
             {"friend", person.isFriend ? json(*person.isFriend) : json()}};
    if (!options.has("json"))
      say(person.lineUserId + "  " + channel + "  " + std::string(store::name(person.state)) + "  " +
          std::string(store::name(person.role)) + "  " + logEscape(person.displayName));
    all.push_back(std::move(one));
  }
  return options.has("json") ? say(dump(all)) : service::exitOk;
}

int setUser(const service::Settings& settings, store::Tables& tables, const CommandLine& options,
            store::UserState state) {
  const std::string user = userArgument(options);
  const std::string channel = channelOf(settings, options);
  const int64_t channelId = tables.events.channelNamed(channel);
  const store::Person person = tables.people.person(channelId, user);
  const store::Role role = options.has("role") ? roleOf(options) : person.role;
  tables.people.setAccess(channelId, person.id, state, role);
  tables.people.audit("console", "user " + std::string(store::name(state)), channel + " " + user);
  return say(user + "  " + channel + "  " + std::string(store::name(state)) + "  " + std::string(store::name(role)));
}

int exportUser(store::Tables& tables, const CommandLine& options) {
  bool fine = true;
  tables.messages.exportPerson(userArgument(options), [&](const store::Messages::Exported& one) {
    json line{
        {"channel", one.channel},        {"conversation", one.conversation}, {"message_id", one.message.messageId},
        {"type", one.message.type},      {"from_bot", one.message.fromBot},  {"at_ms", one.message.atMs},
        {"content", one.message.content}};
    if (one.file) {
      line["file"] = {{"name", one.file->fileName}, {"type", one.file->mimeType}};
      if (one.file->size) line["file"]["bytes"] = *one.file->size;
      if (one.file->nasPath) line["file"]["path"] = *one.file->nasPath;
    }
    fine = std::puts(dump(line, -1).c_str()) >= 0 && fine;
  });
  return std::fflush(stdout) == 0 && fine ? service::exitOk : service::exitInternal;
}

// Removes what files leave behind, where no bridge runs that would do it. How many could not be removed now.
uint64_t removeDroppedFiles(const service::Settings& settings, const std::string& dataFolder, store::Tables& tables) {
  auto spool = files::Spool::open(spoolFolder(settings, dataFolder));
  if (!spool) throw ProgramError(service::exitConfiguration, spool.error());
  const auto now = std::make_shared<const files::FileSettings>(fileSettings(settings, dataFolder));
  files::Bell bell;
  files::Troubles troubles;
  files::Downloader downloader(tables, **spool, Clock::system(), troubles, {});
  const auto current = [now] { return now; };
  files::Fetcher fetcher(tables, downloader, bell, Clock::system(), current);
  files::Mover(tables, **spool, fetcher, bell, troubles, current).pass();
  return tables.files.counts().dropping;
}

int eraseUser(const service::Settings& settings, const std::string& dataFolder, bool beside, store::Tables& tables,
              const CommandLine& options) {
  const std::string user = userArgument(options);
  const store::Erased erased = tables.messages.erasePerson(user);
  tables.people.audit("console", "user erased", user);
  std::string text = "erased " + std::to_string(erased.messages) + " messages, " + std::to_string(erased.files) +
                     " files, " + std::to_string(erased.events) + " events";
  if (beside && erased.files > 0) text += "; the running bridge removes the files within seconds";
  if (!beside) {
    const uint64_t left = removeDroppedFiles(settings, dataFolder, tables);
    if (left > 0)
      text += "; " + std::to_string(left) +
              " files could not be removed now (is [files] root there?), the bridge does "
              "it when it runs";
  }
  return say(text);
}

int listProjects(store::Tables& tables) {
  for (const auto& project : tables.people.projects())
    say(logEscape(project.name) + (project.responder.empty() ? "" : "  responder " + logEscape(project.responder)) +
        (project.model.empty() ? "" : "  model " + logEscape(project.model)) +
        (project.filesFolder.empty() ? "" : "  files " + logEscape(project.filesFolder)));
  return service::exitOk;
}

int setProject(const service::Settings& settings, store::Tables& tables, const CommandLine& options) {
  store::Project project;
  project.name = options.arguments().at(0);
  for (const auto& known : tables.people.projects())
    if (known.name == project.name) project = known;
  if (options.has("prompt")) project.systemPrompt = options.value("prompt");
  if (options.has("responder")) project.responder = options.value("responder");
  if (!project.responder.empty() && !settings.hasSection("responder." + project.responder))
    throw ProgramError(service::exitUsage, "--responder " + logEscape(project.responder) +
                                               ": there is no section [responder." + logEscape(project.responder) +
                                               "] in the configuration");
  if (options.has("model")) project.model = options.value("model");
  if (options.has("files")) project.filesFolder = options.value("files");
  if (!project.filesFolder.empty() && !files::Folder::isPlainPath(project.filesFolder))
    throw ProgramError(service::exitUsage, "--files " + logEscape(project.filesFolder) +
                                               ": must be a folder below [files] root, like customers/garden");
  tables.people.saveProject(project);
  tables.people.audit("console", "project set", logEscape(project.name, 100));
  return say("project " + logEscape(project.name) + " is set; /project " + logEscape(project.name) +
             " in a group binds it");
}

}  // namespace

void BridgeCommands::define(service::CommandLineSpec& spec) {
  const service::CommandOption asJson{"json", "", "", "print JSON"};
  const service::CommandOption channel{"channel", "", "NAME", "of [line.<name>]; needed when there are several"};
  const service::CommandOption role{"role", "", "ROLE", "owner, member or guest"};
  spec.commands.insert(spec.commands.end(),
                       {{"code",
                         "",
                         "a pairing code, to be sent to the bot once",
                         {{"role", "", "ROLE", "owner, member (unless given) or guest"},
                          channel,
                          {"life", "", "TIME", "how long it is good; 24h unless given"},
                          asJson}},
                        {"user list", "", "everybody the bridge has seen", {asJson}},
                        {"user pair", "USER", "lets a person talk without a code", {role, channel}, 1, 1},
                        {"user block", "USER", "takes nothing more from a person", {channel}, 1, 1},
                        {"user unpair", "USER", "as if never paired", {channel}, 1, 1},
                        {"user export", "USER", "all that is kept of a person, JSON lines", {}, 1, 1},
                        {"user erase", "USER", "deletes all that", {}, 1, 1},
                        {"project list", "", "all projects", {}},
                        {"project set",
                         "NAME",
                         "makes or changes a project that groups can be bound to",
                         {{"prompt", "", "TEXT", "its system prompt"},
                          {"responder", "", "NAME", "of [responder.<name>]"},
                          {"model", "", "NAME", "of that responder"},
                          {"files", "", "FOLDER", "below [files] root, for what is sent in its groups"}},
                         1,
                         1}});
}

BridgeCommands::BridgeCommands(const service::Settings& settings, std::string dataFolder)
    : _settings(settings), _dataFolder(std::move(dataFolder)) {}

int BridgeCommands::run(const service::Command& command, const CommandLine& options) const {
  const bool beside = service::DataFolder::isHeld(_dataFolder);
  std::optional<service::DataFolder> folder;
  if (!beside) {
    auto opened = service::DataFolder::open(_dataFolder);
    if (!opened) throw ProgramError(service::exitConfiguration, opened.error());
    folder.emplace(std::move(*opened));
  }
  try {
    store::StoreFile file(_dataFolder + "/bridge.db", Clock::system(),
                          beside ? store::StoreFile::Open::Beside : store::StoreFile::Open::Own);
    store::Tables tables(file);
    if (command.words == "code") return code(_settings, tables, options);
    if (command.words == "user list") return listUsers(tables, options);
    if (command.words == "user pair") return setUser(_settings, tables, options, store::UserState::Paired);
    if (command.words == "user block") return setUser(_settings, tables, options, store::UserState::Blocked);
    if (command.words == "user unpair") return setUser(_settings, tables, options, store::UserState::Unknown);
    if (command.words == "user export") return exportUser(tables, options);
    if (command.words == "user erase") return eraseUser(_settings, _dataFolder, beside, tables, options);
    if (command.words == "project list") return listProjects(tables);
    return setProject(_settings, tables, options);
  } catch (const sql::SqlError& e) {
    throw ProgramError(service::exitUnavailable, e.what());
  }
}

}  // namespace tsunagi::app
