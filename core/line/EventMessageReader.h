#pragma once
#include <nlohmann/json_fwd.hpp>

#include "line/EventMessage.h"

namespace tsunagi::line {

// Reads the "message" object of an event under the rules and limits of parseWebhook(). Throws nothing but
// std::bad_alloc.
EventMessage readEventMessage(const nlohmann::json& message);

}  // namespace tsunagi::line
