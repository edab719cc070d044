#pragma once
#include <string>

namespace tsunagi {

// What the system says about a value of errno ("No such file or directory"). Thread-safe, unlike strerror().
std::string errnoText(int code);

}  // namespace tsunagi
