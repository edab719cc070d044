#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "tools/linesim/Ledger.h"

namespace tsunagi::linesim {

// The ledger as the control interface tells it.

// Everything about one event: its tries, its answers, the last webhook's exact body and signature.
nlohmann::json eventDetail(const Ledger& ledger, size_t event);
// One entry; n is its number, from 1.
nlohmann::json entryToJson(const Ledger& ledger, size_t index);
nlohmann::json summaryToJson(const Summary& summary);

}  // namespace tsunagi::linesim
