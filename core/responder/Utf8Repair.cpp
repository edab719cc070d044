#include "responder/Utf8Repair.h"

#include "base/Encoding.h"

namespace tsunagi::responder {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes a character with this first byte has; 0 when none starts so.
size_t lengthFrom(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Can text, shorter than its first byte says, still become a character?
bool isPrefixOfCharacter(std::string_view text) {
  const size_t length = lengthFrom(static_cast<unsigned char>(text.front()));
  if (text.size() >= length) return false;
  // Second bytes are restricted after E0, ED, F0 and F4 (RFC 3629 section 4). Of these two fillings at least one makes
  // a character whenever the bytes so far can be the start of one.
  for (const char filling : {'\x80', '\xBF'}) {
    std::string candidate(text);
    candidate.resize(length, filling);
    if (isValidUtf8(candidate)) return true;
  }
  return false;
}

}  // namespace

std::string Utf8Repair::feed(std::string_view piece) {
  if (_rest.empty() && isValidUtf8(piece)) return std::string(piece);
  const std::string joined = _rest + std::string(piece);
  _rest.clear();
  std::string out;
  for (std::string_view rest = joined; !rest.empty();) {
    const size_t length = lengthFrom(static_cast<unsigned char>(rest.front()));
    if (length != 0 && rest.size() >= length && isValidUtf8(rest.substr(0, length))) {
      out += rest.substr(0, length);
      rest.remove_prefix(length);
    } else if (length > rest.size() && isPrefixOfCharacter(rest)) {
      _rest = rest;
      ++_splits;
      break;
    } else {
      out += kReplacement;
      ++_replaced;
      rest.remove_prefix(1);
    }
  }
  return out;
}

std::string Utf8Repair::finish() {
  std::string out;
  for (size_t i = 0; i < _rest.size(); ++i) out += kReplacement;
  _replaced += _rest.size();
  _rest.clear();
  return out;
}

std::string repairedUtf8(std::string_view text) {
  Utf8Repair repair;
  std::string out = repair.feed(text);
  return out += repair.finish();
}

}  // namespace tsunagi::responder
