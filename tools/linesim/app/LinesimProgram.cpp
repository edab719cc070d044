#include "tools/linesim/app/LinesimProgram.h"

#include <Poco/Logger.h>

#include <filesystem>

#include <cstdio>

#include "base/Encoding.h"
#include "base/LogEscape.h"
#include "base/Random.h"
#include "line/Events.h"
#include "service/EndpointsFile.h"
#include "service/SecretFile.h"
#include "tools/linesim/Identity.h"
#include "tools/linesim/RequestFields.h"

namespace tsunagi::linesim {
namespace {

using service::ProgramError;

std::string newChannelSecret() { return toHex(randomBytes(16)); }
std::string newAccessToken() { return toBase64(randomBytes(96)); }

int64_t durationOption(const service::CommandLine& line, const char* name, const char* fallback) {
  const std::string text = line.value(name, fallback);
  std::string_view number = text;
  int64_t factor = 1;
  if (!number.empty() && (number.back() == 'm' || number.back() == 'h')) {
    factor = number.back() == 'h' ? 3600 : 60;
    number.remove_suffix(1);
  }
  const auto wait = parseWait(number);
  if (!wait || *wait == 0)
    throw ProgramError(service::exitUsage, std::string("--") + name + " " + logEscape(text) +
                                               ": must be a duration like 500ms, 60s, 10m or 1h");
  return *wait * factor;
}

bool switchOption(const service::CommandLine& line, const char* name) {
  const std::string text = line.value(name, "off");
  if (text != "on" && text != "off")
    throw ProgramError(service::exitUsage, std::string("--") + name + " " + logEscape(text) + ": must be on or off");
  return text == "on";
}

}  // namespace

LinesimProgram::LinesimProgram() : Program("tsunagi-linesim", "a LINE platform to develop and test against") {}

LinesimProgram::~LinesimProgram() = default;

void LinesimProgram::defineCommandLine(service::CommandLineSpec& spec) {
  Program::defineCommandLine(spec);
  spec.groups.push_back(
      {"Simulator",
       {{"listen", "", "ADDRESS", "loopback address of API, control and chat page (127.0.0.1:0)"},
        {"data-dir", "", "FOLDER", "secrets and endpoints.json; made if missing (needed)"},
        {"webhook-url", "", "URL", "where webhooks go; may be set later on the chat page"},
        {"ca-file", "", "FILE", "CA certificates trusted for an https webhook URL"},
        {"tls-certificate", "", "FILE", "serve https with this PEM chain"},
        {"tls-key", "", "FILE", "its key"},
        {"channel-secret-file", "", "FILE", "default: channel-secret in the data folder, made if missing"},
        {"access-token-file", "", "FILE", "default: access-token in the data folder, made if missing"},
        {"token-life", "", "TIME", "life of a reply token (60s)"},
        {"redeliver", "", "on|off", "send again what was not answered 2xx (off)"},
        {"redeliver-after", "", "TIME", "wait before the first time (1s)"},
        {"bot-user-id", "", "ID", "the bot's own user id, the destination of webhooks"},
        {"bot-name", "", "NAME", "its display name (Tsunagi)"},
        {"channel-id", "", "ID", "for stateless tokens, with the channel secret (2000000000)"}}});
}

SecretString LinesimProgram::readOrMakeSecret(const char* option, const char* fileName, std::string (*make)()) {
  const bool own = !commandLine().has(option);
  const std::string path = own ? _folder->file(fileName) : commandLine().value(option);
  service::SecretFile file = service::SecretFile::read(path);
  if (own && file.state == service::SecretFile::State::missing) {
    SecretString secret(make());
    const Status written = service::writeFileAtomically(path, std::string(secret.reveal()) + "\n", 0600);
    if (!written) throw ProgramError(service::exitConfiguration, written.error());
    return secret;
  }
  if (file.state != service::SecretFile::State::present) throw ProgramError(service::exitConfiguration, file.problem);
  if (file.value.empty())
    throw ProgramError(service::exitConfiguration, path + ": the file is empty; put the secret into it");
  return std::move(file.value);
}

SimulatorOptions LinesimProgram::readOptions() {
  const service::CommandLine& line = commandLine();
  SimulatorOptions options;
  const auto listen = net::ListenAddress::parse(line.value("listen", "127.0.0.1:0"));
  if (!listen) throw ProgramError(service::exitUsage, "--listen: " + listen.error());
  options.listen = *listen;
  options.webhookUrl = line.value("webhook-url");
  options.caFile = line.value("ca-file");
  options.certificateFile = line.value("tls-certificate");
  options.keyFile = line.value("tls-key");
  if (options.certificateFile.empty() != options.keyFile.empty())
    throw ProgramError(service::exitUsage, "--tls-certificate and --tls-key: give both or none");
  options.redeliver = switchOption(line, "redeliver");
  options.redeliverAfterMs = durationOption(line, "redeliver-after", "1s");
  options.platform.tokenLifeMs = durationOption(line, "token-life", "60s");
  options.platform.botName = line.value("bot-name", "Tsunagi");
  options.platform.channelId = line.value("channel-id", options.platform.channelId);
  options.platform.botUserId = line.value("bot-user-id", userIdOf("bot"));
  if (!line::isLineId(options.platform.botUserId, "U"))
    throw ProgramError(service::exitUsage, "--bot-user-id: must be U and 32 lower-case hex digits");
  if (!line.has("data-dir"))
    throw ProgramError(service::exitUsage, "--data-dir is needed: the folder for secrets and endpoints.json");
  return options;
}

void LinesimProgram::onStart(const std::shared_ptr<const service::Settings>&) {
  SimulatorOptions options = readOptions();
  auto folder = service::DataFolder::open(std::filesystem::absolute(commandLine().value("data-dir")).string());
  if (!folder) throw ProgramError(service::exitConfiguration, folder.error());
  _folder.emplace(std::move(*folder));
  options.platform.channelSecret = readOrMakeSecret("channel-secret-file", "channel-secret", newChannelSecret);
  options.platform.accessToken = readOrMakeSecret("access-token-file", "access-token", newAccessToken);

  _simulator = std::make_unique<Simulator>(std::move(options), Clock::system());
  if (const auto status = _simulator->prepare(); !status)
    throw ProgramError(service::exitConfiguration, status.error());
  if (const auto status = _simulator->start(); !status)
    throw ProgramError(service::exitUnavailable, "--listen: " + status.error());
  const std::string address = _simulator->address().text();
  const std::vector<std::pair<std::string, std::string>> endpoints{{"api", address}};
  if (const auto written = _endpointsFile.write(_folder->file("endpoints.json"), endpoints); !written)
    throw ProgramError(service::exitConfiguration, written.error());
  publishEndpoints(endpoints);
  Poco::Logger::get("linesim").information("chat page: " + _simulator->url() + "/");
}

void LinesimProgram::onShutdown() {
  if (_simulator) _simulator->stop();
  _simulator.reset();
  _endpointsFile.remove();
  _folder.reset();
}

}  // namespace tsunagi::linesim
