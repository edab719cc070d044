#include "base/ErrnoText.h"

#include <system_error>

namespace tsunagi {

std::string errnoText(int code) { return std::generic_category().message(code); }

}  // namespace tsunagi
