#pragma once
#include <cstddef>
#include <string>

namespace tsunagi::test {

// Opens one WebSocket, echoes until it is closed, and prints "open <subprotocol>" and "closed <code> <reason>", or
// "refused <kind> <status> <retry ms> <message>". Returns 0 when it was opened, else 1.
int runEchoClient(const std::string& url, const std::string& subprotocols, size_t maxMessage,
                  const std::string& caFile);

}  // namespace tsunagi::test
