#include "line/SendResult.h"

namespace tsunagi::line {

std::string_view kindName(SendResult::Kind kind) {
  using Kind = SendResult::Kind;
  switch (kind) {
    case Kind::Delivered:
      return "Delivered";
    case Kind::InvalidReplyToken:
      return "InvalidReplyToken";
    case Kind::AlreadyAccepted:
      return "AlreadyAccepted";
    case Kind::RateLimited:
      return "RateLimited";
    case Kind::QuotaExhausted:
      return "QuotaExhausted";
    case Kind::Unauthorized:
      return "Unauthorized";
    case Kind::Refused:
      return "Refused";
    case Kind::ServerError:
      return "ServerError";
    case Kind::NotSent:
      return "NotSent";
    case Kind::Ambiguous:
      return "Ambiguous";
    case Kind::Cancelled:
      return "Cancelled";
  }
  return "unknown";
}

}  // namespace tsunagi::line
