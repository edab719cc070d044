#pragma once
#include <functional>
#include <string>

namespace tsunagi::relay {

// Something needs the operator's hand (J11): a stable word for the cause, the unit ("" = the relay), one line of text,
// escaped. Called on any thread, for the same thing again and again; must not block.
using TellOperator = std::function<void(const char* cause, const std::string& unit, const std::string& text)>;

}  // namespace tsunagi::relay
