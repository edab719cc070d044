#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "net/HttpMessage.h"

namespace tsunagi::net {

// The small grammar shared by the request parser, the response parser and the encoders (RFC 9110 section 5.6).

bool isToken(std::string_view text);                 // one or more tchar
bool isFieldValue(std::string_view text);            // no control character but TAB; bytes from 0x80 on are let through
bool isTargetText(std::string_view text);            // visible ASCII without '#', not empty
std::string_view trimBlanks(std::string_view text);  // SP and TAB at both ends

// "Name: value" without its line end. nullptr, or what is wrong with it. An obsolete line folding is wrong.
const char* parseFieldLine(std::string_view line, HttpHeader& field);

// Cuts a byte stream into lines that end with CRLF. Refuses a CR or LF alone and every control character but TAB as
// soon as it is seen, so that the outcome does not depend on how the bytes were cut into pieces. A line that lies whole
// in the input is not copied.
class HttpLineReader {
 public:
  enum class Status { NeedMore, Line, TooLong, BadCharacter };

  // Takes bytes up to the end of one line and says in used how many. limit: the most bytes the line may have, CRLF
  // included. line (of Status::Line) has no CRLF and is good until the next call or the end of bytes.
  Status next(std::string_view bytes, size_t limit, size_t& used, std::string_view& line);

  // What has come of the line that is not finished yet.
  std::string_view partial() const { return _given ? std::string_view() : std::string_view(_partial); }
  bool empty() const { return _given || _partial.empty(); }
  void reset();  // forgets everything; gives back a buffer of more than 4 KiB

 private:
  std::string _partial;
  bool _given = false;  // _partial is the line last returned
};

}  // namespace tsunagi::net
