#pragma once
#include <string>
#include <vector>

#include "service/IniDocument.h"
#include "service/JsonConfig.h"

namespace tsunagi::net {
struct Url;
}

namespace tsunagi::app {

// The one-file JSON of an existing unit (J21) in terms of bridge.ini.
const std::vector<service::JsonMapping>& unitJsonMapping();
// Puts relay_token into the place of {token} in relay_url, splits the address into url and unit, and makes of
// openclaw_url the plugin it stands for, with its settings.
void completeUnitJson(service::IniDocument& document, std::vector<std::string>& errors);

// The responder that an address of the older "openclaw_url" stands for, told by its port and path alone: "ollama",
// "lmstudio", "openai", and "openclaw" for everything else.
std::string backendOf(const net::Url& url);

}  // namespace tsunagi::app
