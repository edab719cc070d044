#pragma once
#include <string>
#include <vector>

#include "service/ConfigSchema.h"
#include "service/Settings.h"

namespace tsunagi::app {

// What bridge.ini may hold (DESIGN section 9); etc/bridge.ini explains each key.
void defineBridgeSchema(service::ConfigSchema& schema);

// Where to dial: "wss://host/gmk" and "a1b2" from [relay] url and unit, or from an address of the form
// "wss://host/gmk/a1b2/ws" that says both.
struct RelayAddress {
  std::string url, unit;
};
RelayAddress splitRelayAddress(const std::string& url, const std::string& unit);

// What the schema alone cannot see: keys that contradict each other, addresses that must not be used. One line each,
// with file and line.
std::vector<std::string> checkBridgeSettings(const service::Settings& settings);

// The names in [bridge] responder; without it the one [responder.<name>] section there is, if there is one only.
std::vector<std::string> responderNames(const service::Settings& settings);

}  // namespace tsunagi::app
