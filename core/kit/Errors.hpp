#pragma once
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "abi/responder.h"

namespace responder {

// What a plugin throws to end a call, or its construction, with a code of the ABI (RSP_E_*). The text is for the
// operator: what happened and what to do; never a secret or a prompt. It is cut at 255 bytes.
class Error : public std::exception {
 public:
  explicit Error(int32_t code, std::string text, int32_t httpStatus = 0, int32_t retryAfterMs = 0)
      : _code(code), _httpStatus(httpStatus), _retryAfterMs(retryAfterMs), _text(std::move(text)) {}
  int32_t code() const noexcept { return _code; }
  int32_t httpStatus() const noexcept { return _httpStatus; }
  int32_t retryAfterMs() const noexcept { return _retryAfterMs; }
  const char* what() const noexcept override { return _text.c_str(); }

 private:
  int32_t _code;
  int32_t _httpStatus;
  int32_t _retryAfterMs;
  std::string _text;
};

// Thrown by Stream and Call when the host wants the call to end. Let it pass. It is no std::exception, so that
// `catch (const std::exception&)` around a piece of work does not swallow it.
struct Cancelled {};

// The longest prefix of text that has at most maxBytes and does not end inside a character. text must be UTF-8; on
// bytes that are not, the cut is made at maxBytes. Never empty when text and maxBytes are not, so that loops make
// progress: a first character longer than maxBytes is returned whole.
inline std::string_view wholeCharacters(std::string_view text, size_t maxBytes) {
  if (text.size() <= maxBytes || maxBytes == 0) return text.substr(0, maxBytes);
  const auto continues = [&](size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  size_t cut = maxBytes;
  for (int back = 0; back < 3 && cut > 0 && continues(cut); ++back) --cut;
  if (continues(cut)) return text.substr(0, maxBytes);
  if (cut > 0) return text.substr(0, cut);
  for (cut = 1; continues(cut);) ++cut;
  return text.substr(0, cut);
}

namespace detail {

// Copies into a fixed, NUL-ended field of the ABI.
template <size_t size>
void copyText(char (&field)[size], std::string_view text) {
  const std::string_view cut = text.size() < size ? text : wholeCharacters(text, size - 1);
  cut.copy(field, size - 1);
  field[cut.size()] = '\0';
}

inline int32_t fail(rsp_error* error, int32_t code, std::string_view text, int32_t httpStatus = 0,
                    int32_t retryAfterMs = 0) noexcept {
  if (code == RSP_OK) code = RSP_E_INTERNAL;
  if (error != nullptr) {
    error->code = code;
    error->http_status = httpStatus;
    error->retry_after_ms = retryAfterMs;
    copyText(error->message, text);
  }
  return code;
}

// Runs a piece of the plugin's C++ at the C border: nothing escapes, everything becomes a code (rule 6 of the ABI).
template <typename F>
int32_t guarded(rsp_error* error, F&& body) noexcept {
  try {
    body();
    return RSP_OK;
  } catch (const Cancelled&) {
    return fail(error, RSP_E_CANCELLED, "cancelled");
  } catch (const Error& e) {
    return fail(error, e.code(), e.what(), e.httpStatus(), e.retryAfterMs());
  } catch (const std::bad_alloc&) {
    return fail(error, RSP_E_INTERNAL, "out of memory");
  } catch (const std::exception& e) {
    return fail(error, RSP_E_INTERNAL, e.what());
  } catch (...) {
    return fail(error, RSP_E_INTERNAL, "an exception of unknown type");
  }
}

}  // namespace detail
}  // namespace responder
