#include "relay/app/UnitCommands.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/LogEscape.h"
#include "net/HttpClient.h"
#include "relay/admin/UnitApi.h"
#include "relay/app/TokenFile.h"
#include "relay/spool/Spool.h"
#include "relay/units/UnitRegistry.h"
#include "service/DataFolder.h"
#include "service/ProgramExit.h"

namespace tsunagi::relay {

using nlohmann::json;
using service::CommandLine;
using service::ProgramError;

namespace {

// A relay that is just starting holds the folder before it answers.
constexpr std::chrono::seconds START_PATIENCE{5};
constexpr std::chrono::milliseconds RETRY{50};

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "-";
  if (found->is_string()) return found->get<std::string>();
  return found->dump();
}

std::string timeText(const json& ms) {
  if (!ms.is_number_integer()) return "never";
  const std::time_t seconds = static_cast<std::time_t>(ms.get<int64_t>() / 1000);
  std::tm parts{};
  char buffer[32];
  ::gmtime_r(&seconds, &parts);
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return buffer;
}

void line(const char* label, const std::string& value) {
  std::printf("%-15s %s\n", label, logEscape(value, 400).c_str());
}

int finish(const json& result) {
  std::puts(result.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

void printAddresses(const json& unit) {
  line("unit", text(unit, "unit"));
  line("fleet", text(unit, "fleet"));
  if (!text(unit, "name").empty()) line("name", text(unit, "name"));
  if (unit.value("webhook_url", json()).is_null()) {
    line("webhook path", text(unit, "webhook_path"));
    std::puts("                set [relay] public_url to see whole URLs here");
    return;
  }
  line("webhook URL", text(unit, "webhook_url"));
  line("link URL", text(unit, "link_url"));
}

void printLimits(const json& unit) {
  const auto limit = [&](const char* key, const char* none) {
    const std::string value = text(unit, key);
    return value == "0" ? std::string(none) : value;
  };
  line("limits", "backlog of " + limit("backlog_events", "the relay's default of") + " events, " +
                     limit("backlog_bytes", "the relay's default of") + " bytes; requests per minute " +
                     limit("requests_per_minute", "unlimited"));
}

std::string state(const json& unit) {
  if (unit.value("suspended", false)) return "suspended";
  const json connected = unit.value("connected", json());
  if (!connected.is_boolean()) return "-";
  return connected.get<bool>() ? "connected" : "offline";
}

// The option's number of at least `least`; 0 without the option.
uint64_t numberOption(const CommandLine& options, const char* name, bool bytes, int64_t least) {
  const std::string given = options.value(name);
  if (given.empty()) return 0;
  const std::optional<int64_t> value = service::parseBytes(given);
  const bool digits = given.find_first_not_of("0123456789") == std::string::npos;
  if (value && *value >= least && (bytes || digits)) return static_cast<uint64_t>(*value);
  throw ProgramError(service::exitUsage, std::string("--") + name + " " + logEscape(given) + ": must be a number" +
                                             (bytes ? " of bytes, like 32MiB" : "") +
                                             (bytes && least > 0 ? "" : " from " + std::to_string(least)));
}

int64_t graceOption(const CommandLine& options) {
  const std::string given = options.value("grace", "24h");
  const std::optional<int64_t> grace = service::parseDurationMs(given);
  if (grace && *grace >= 0) return *grace;
  throw ProgramError(service::exitUsage, "--grace " + logEscape(given) + ": must be a time like 24h, or 0");
}

std::string path(const CommandLine& options, const char* verb = nullptr) {
  const std::string& unit = options.arguments().at(0);
  if (unit.empty() || unit.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    throw ProgramError(service::exitUsage, "\"" + logEscape(unit) + "\" is no unit id; see tsunagi-relay unit list");
  return "/v1/units/" + unit + (verb != nullptr ? std::string("/") + verb : "");
}

}  // namespace

void UnitCommands::define(service::CommandLineSpec& spec) {
  using service::CommandOption;
  const CommandOption jsonOption{"json", "", "", "print JSON"};
  const CommandOption tokenFile{"token-file", "", "FILE", "write the token to a new file (0600) instead of showing it"};
  const CommandOption events{"backlog-events", "", "N", "events that may wait for this unit"};
  const CommandOption bytes{"backlog-bytes", "", "SIZE", "bytes that may wait for it"};
  spec.commands.insert(spec.commands.end(),
                       {{"unit add",
                         "",
                         "a new unit; its token is shown once",
                         {{"fleet", "", "FLEET", "its product line, first part of its URLs; default unless given"},
                          {"name", "", "NAME", "for you to know it by"},
                          events,
                          bytes,
                          tokenFile,
                          jsonOption}},
                        {"unit list", "", "all units", {{"fleet", "", "FLEET", "of one fleet only"}, jsonOption}},
                        {"unit show", "UNIT", "a unit, its tokens and its books", {jsonOption}, 1, 1},
                        {"unit rotate",
                         "UNIT",
                         "a new token; the old one stays good for a while",
                         {{"grace", "", "TIME", "how long; 24h unless given"}, tokenFile, jsonOption},
                         1,
                         1},
                        {"unit revoke", "UNIT", "no token is good any more, its link is cut", {jsonOption}, 1, 1},
                        {"unit suspend", "UNIT", "webhooks 503, link cut, nothing deleted", {jsonOption}, 1, 1},
                        {"unit resume", "UNIT", "end of the suspension", {jsonOption}, 1, 1},
                        {"unit rename", "UNIT NAME", "another name", {jsonOption}, 2, 2},
                        {"unit limits",
                         "UNIT",
                         "other limits; what is not named stays",
                         {{"backlog-events", "", "N", "events that may wait for it; 0 = the relay's default"},
                          {"backlog-bytes", "", "SIZE", "bytes that may wait for it; 0 = the relay's default"},
                          {"requests-per-minute", "", "N",
                           "webhooks taken in a minute, more get 429, which LINE may not repeat; 0 = no limit"},
                          jsonOption},
                         1,
                         1},
                        {"unit readdress",
                         "UNIT",
                         "a new webhook URL; the old one ends at once, token and link stay",
                         {jsonOption},
                         1,
                         1},
                        {"unit remove",
                         "UNIT",
                         "the unit and its backlog go",
                         {{"purge", "", "", "delete its events from the disk, dead letters too"}, jsonOption},
                         1,
                         1}});
}

int UnitCommands::run(const service::Command& command, const CommandLine& options) const {
  const std::string verb = command.words.substr(command.words.find(' ') + 1);
  if (verb == "add")
    return issue(options, "/v1/units",
                 {{"fleet", options.value("fleet", "default")},
                  {"name", options.value("name")},
                  {"backlog_events", numberOption(options, "backlog-events", false, 1)},
                  {"backlog_bytes", numberOption(options, "backlog-bytes", true, 1)}});
  if (verb == "list") return list(options);
  if (verb == "show") return show(options);
  if (verb == "rotate") return issue(options, path(options, "rotate"), {{"grace_ms", graceOption(options)}});
  if (verb == "remove") return remove(options);
  if (verb == "limits") return limits(options);
  if (verb == "readdress") return readdress(options);
  json body = json::object();
  if (verb == "rename") body["name"] = options.arguments().at(1);
  const json unit = ask("POST", path(options, verb.c_str()), body);
  if (options.has("json")) return finish(unit);
  std::printf("%s: done\n", text(unit, "unit").c_str());
  return service::exitOk;
}

int UnitCommands::issue(const CommandLine& options, const std::string& path, const json& body) const {
  std::optional<TokenFile> file;
  if (options.has("token-file")) {
    Result<TokenFile> created = TokenFile::create(options.value("token-file"));
    if (!created) throw ProgramError(service::exitUsage, created.error());
    file.emplace(std::move(*created));
  }
  json unit = ask("POST", path, body);
  const std::string token = text(unit, "token");
  if (file) {
    if (const Status status = file->write(token); !status)
      throw ProgramError(service::exitUnavailable,
                         status.error() + "; issue another one: tsunagi-relay unit rotate " + text(unit, "unit"));
    unit.erase("token");
    unit["token_file"] = options.value("token-file");
  }
  if (options.has("json")) return finish(unit);
  printAddresses(unit);
  if (file)
    line("token file", options.value("token-file"));
  else
    line("token", token + "   (shown only now)");
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

int UnitCommands::list(const CommandLine& options) const {
  const std::string fleet = options.value("fleet");
  if (fleet.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    throw ProgramError(service::exitUsage, "--fleet " + logEscape(fleet) + ": only a-z, 0-9 and -");
  const json result = ask("GET", "/v1/units" + (fleet.empty() ? "" : "?fleet=" + fleet), {});
  if (options.has("json")) return finish(result);
  const json units = result.value("units", json::array());
  std::printf("%-26s %-12s %-10s %s\n", "UNIT", "FLEET", "STATE", "NAME");
  for (const json& unit : units)
    std::printf("%-26s %-12s %-10s %s\n", text(unit, "unit").c_str(), text(unit, "fleet").c_str(), state(unit).c_str(),
                logEscape(text(unit, "name"), 400).c_str());
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

int UnitCommands::show(const CommandLine& options) const {
  const json unit = ask("GET", path(options), {});
  if (options.has("json")) return finish(unit);
  printAddresses(unit);
  line("state", state(unit));
  line("created", timeText(unit.value("created_ms", json())));
  for (const json& token : unit.value("tokens", json::array()))
    line("token", "number " + text(token, "serial") + ", expires " + timeText(token.value("expires_ms", json())));
  printLimits(unit);
  line("pending", text(unit, "pending") + " events, " + text(unit, "pending_bytes") + " bytes");
  line("stored", text(unit, "stored_total"));
  line("acknowledged", text(unit, "acknowledged_total"));
  line("dead", text(unit, "dead_total") + ", kept " + text(unit, "dead_held"));
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

int UnitCommands::limits(const CommandLine& options) const {
  json body = json::object();
  for (const auto& [option, member] :
       {std::pair{"backlog-events", "backlog_events"}, std::pair{"backlog-bytes", "backlog_bytes"},
        std::pair{"requests-per-minute", "requests_per_minute"}})
    if (options.has(option))
      body[member] = numberOption(options, option, std::string_view(option) == "backlog-bytes", 0);
  if (body.empty())
    throw ProgramError(service::exitUsage,
                       "name at least one: --backlog-events, --backlog-bytes, --requests-per-minute");
  const json unit = ask("POST", path(options, "limits"), body);
  if (options.has("json")) return finish(unit);
  printLimits(unit);
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

int UnitCommands::readdress(const CommandLine& options) const {
  const json unit = ask("POST", path(options, "readdress"), json::object());
  if (options.has("json")) return finish(unit);
  printAddresses(unit);
  std::puts("                enter it in the LINE Developers Console: the old one answers 404 from now on");
  return std::fflush(stdout) == 0 ? service::exitOk : service::exitInternal;
}

int UnitCommands::remove(const CommandLine& options) const {
  const json result = ask("DELETE", path(options) + (options.has("purge") ? "?purge=yes" : ""), {});
  if (options.has("json")) return finish(result);
  const std::string purged = options.has("purge") ? ", " + text(result, "dead") + " letters deleted from the disk" : "";
  std::printf("%s: removed; %s waiting events became dead letters%s\n", text(result, "unit").c_str(),
              text(result, "pending").c_str(), purged.c_str());
  return service::exitOk;
}

json UnitCommands::ask(const std::string& method, const std::string& target, const json& body) const {
  net::HttpRequest request;
  request.method = method;
  request.target = target;
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  if (body.is_object()) request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  const net::HttpResponse response = perform(request);
  const json result = json::parse(response.body, nullptr, false);
  if (response.status / 100 == 2 && result.is_object()) return result;
  const std::string why = result.is_object() ? result.value("error", "") : "";
  throw ProgramError(response.status / 100 == 4 ? service::exitUsage : service::exitUnavailable,
                     why.empty() ? "the relay answered " + std::to_string(response.status) : why);
}

net::HttpResponse UnitCommands::perform(const net::HttpRequest& request) const {
  net::HttpCall call;
  call.method = request.method;
  call.url = net::Url::parse("http://relay" + request.target).value();
  call.unixPath = _settings.dataFolder + "/control.sock";
  call.body = request.body;
  if (!call.body.empty()) call.headers.add("Content-Type", "application/json");
  const auto end = std::chrono::steady_clock::now() + START_PATIENCE;
  for (;;) {
    net::HttpResult result = net::HttpClient(nullptr).perform(call);
    if (result.ok()) return {result.status, std::move(result.headers), std::move(result.body)};
    if (result.outcome != net::HttpResult::Outcome::NotSent)
      throw ProgramError(service::exitUnavailable,
                         "the relay took the command but did not answer: " + result.error + "; see unit list");
    Result<service::DataFolder> folder = service::DataFolder::open(_settings.dataFolder);
    if (folder) return performHere(request);
    // Held: a relay that is starting or ending, or one that this user may not speak to.
    if (std::chrono::steady_clock::now() > end)
      throw ProgramError(service::exitUnavailable, folder.error() + "; its control socket: " + result.error);
    std::this_thread::sleep_for(RETRY);
  }
}

net::HttpResponse UnitCommands::performHere(const net::HttpRequest& request) const {
  UnitRegistry units(_settings.dataFolder);
  if (const Status status = units.open(); !status) throw ProgramError(service::exitConfiguration, status.error());
  SpoolOptions options;
  options.folder = _settings.dataFolder;
  options.limits = _settings.spool;
  Spool spool(std::move(options));
  if (const Status status = spool.start(); !status) throw ProgramError(service::exitConfiguration, status.error());
  const UnitApi api(units, spool, {_settings.publicUrl, nullptr});
  net::HttpResponse response = api.handle(request);
  spool.stop();
  return response;
}

}  // namespace tsunagi::relay
