#include "app/UnitJson.h"

#include "app/BridgeSchema.h"
#include "net/Url.h"

namespace tsunagi::app {
namespace {

std::string withoutEndSlash(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

// What a plugin takes as base_url of the address that the original was given: the whole one of a request.
std::string baseOf(const net::Url& url, const std::string& backend) {
  std::string path;
  if (backend == "openai") {
    path = url.target.substr(0, url.target.find('?'));
    constexpr std::string_view END = "/chat/completions";
    if (path.size() >= END.size() && path.compare(path.size() - END.size(), END.size(), END) == 0)
      path.resize(path.size() - END.size());
  }
  return withoutEndSlash(url.withTarget("/")) + withoutEndSlash(path);
}

}  // namespace

const std::vector<service::JsonMapping>& unitJsonMapping() {
  static const std::vector<service::JsonMapping> mapping{
      {"relay_url", "relay", "url"},
      {"relay_token", "relay", "token"},
      {"relay_ca_file", "relay", "ca_file"},
      {"channel_secret", "line", "channel_secret"},
      {"line_channel_secret", "line", "channel_secret"},
      {"channel_access_token", "line", "channel_access_token"},
      {"line_channel_access_token", "line", "channel_access_token"},
      {"api_base", "line", "api_base"},
      {"openclaw_url", "responder.main", "base_url"},
      {"gateway_token", "responder.main", "gateway_token"},
      {"agent", "responder.main", "agent"},
      {"model", "responder.main", "model"},
      {"listen", "direct", "listen"},
      {"webhook_path", "direct", "path"},
      {"language", "bridge", "language"},
      {"data_dir", "bridge", "data_dir"},
      {"log_level", "log", "level"},
      {"name", "", "", true},
      {"description", "", "", true},
  };
  return mapping;
}

void completeUnitJson(service::IniDocument& document, std::vector<std::string>& errors) {
  const auto put = [&](std::string_view section, std::string_view key, const std::string& value) {
    if (const Status status = document.set(section, key, value); !status)
      errors.push_back(document.fileName() + ": " + status.error());
  };
  const auto given = [&](std::string_view section, std::string_view key) {
    const auto entry = document.find(section, key);
    return entry ? entry->value : std::string();
  };
  if (std::string address = given("relay", "url"); !address.empty()) {
    const std::string token = given("relay", "token");
    const std::string mark = "{token}";
    if (const size_t at = address.find(mark); at != std::string::npos) {
      if (token.empty()) {
        errors.push_back(document.fileName() + ": relay_url needs a relay_token for its {token}");
        return;
      }
      address.replace(at, mark.size(), token);
    }
    const RelayAddress split = splitRelayAddress(address, "");
    put("relay", "url", split.url);
    if (!split.unit.empty()) put("relay", "unit", split.unit);
  }
  const std::string main = "responder.main";
  const std::string address = given(main, "base_url");
  if (address.empty()) return;
  const auto url = net::Url::parse(address);
  if (!url) {
    errors.push_back(document.fileName() + ": openclaw_url: " + url.error());
    return;
  }
  const std::string backend = backendOf(*url);
  put("bridge", "responder", "main");
  put(main, "plugin", backend);
  put(main, "base_url", baseOf(*url, backend));
  // The original asked the gateway's own agent. That stays so, and is by default for owners alone (S1).
  if (backend == "openclaw" && given(main, "agent").empty()) put(main, "allow_owner_agent", "yes");
  if (const std::string token = given(main, "gateway_token"); backend != "openclaw" && !token.empty()) {
    put(main, "api_key", token);
    put(main, "gateway_token", "");
  }
}

std::string backendOf(const net::Url& url) {
  const auto begins = [&](std::string_view start) { return url.target.compare(0, start.size(), start) == 0; };
  if (begins("/api/v0") || begins("/api/v1") || url.port == 1234) return "lmstudio";
  if (begins("/api/") || url.port == 11434) return "ollama";
  if (url.tls() && url.host.compare(0, 4, "api.") == 0) return "openai";
  return "openclaw";
}

}  // namespace tsunagi::app
