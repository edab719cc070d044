#pragma once
#include <string>

namespace tsunagi::notify {

// Something that needs a hand (J11).
struct Notice {
  std::string cause;  // a stable word: "access_token", "backlog_full" …
  std::string about;  // what it is about: a channel's section, a unit's id; "" = the program as a whole
  std::string text;   // for the operator: what happened and what to do. One line, escaped, no secret, no message text
};

}  // namespace tsunagi::notify
