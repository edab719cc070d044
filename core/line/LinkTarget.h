#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tsunagi::line {

struct LinkTarget {
  size_t bytes = 0;     // taken, 0 = here is none
  std::string address;  // without escapes and entities; may be empty
};

// Reads the part of a Markdown link behind its label, "(address "title")", at position at. An address is at most 2048
// bytes long, its parentheses nest 32 deep, a title is at most 512 bytes long: the look ahead is bounded.
LinkTarget readLinkTarget(std::string_view text, size_t at);

// How many bytes at position at (a '<') are an address in angle brackets, "<https://…>" or "<name@host>"; 0 for none.
size_t autolinkAt(std::string_view text, size_t at);

// Text without backslash escapes and with its character references read.
std::string unescaped(std::string_view text);
void appendUnescaped(std::string_view text, std::string& out);

}  // namespace tsunagi::line
