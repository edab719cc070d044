#pragma once
#include <functional>
#include <optional>
#include <string>

#include "net/HttpMessage.h"

namespace tsunagi::relay {

class Spool;
class UnitRegistry;

// The operations on units as JSON over HTTP messages. One implementation serves the control socket of a running relay
// and, without any socket, the command line when none runs. handle() blocks on the disk: not for an event loop.
// Thread-safe.
//
//   POST   /v1/units                 {"fleet","name","backlog_events","backlog_bytes"} -> 201 with "token", given once
//   GET    /v1/units?fleet=f         {"units":[...]}
//   GET    /v1/units/{id}            the unit and its books
//   POST   /v1/units/{id}/rotate     {"grace_ms"} -> with "token"
//   POST   /v1/units/{id}/revoke | suspend | resume
//   POST   /v1/units/{id}/rename     {"name"}
//   POST   /v1/units/{id}/limits     {"backlog_events","backlog_bytes","requests_per_minute"}: what is not named stays;
//                                    0 = the relay's default, for requests_per_minute no limit
//   POST   /v1/units/{id}/readdress  a new webhook URL, the old one is unknown at once; token and link stay
//   DELETE /v1/units/{id}?purge=yes  {"pending","dead"}
// Errors are {"error": "what to do"} with 400, 404, 405 or 500.
class UnitApi {
 public:
  struct Options {
    std::string publicUrl;                                   // "https://host" without a path's end; empty = not known
    std::function<bool(const std::string& unit)> connected;  // null: no relay runs
  };
  UnitApi(UnitRegistry& units, Spool& spool, Options options);  // both outlive it

  net::HttpResponse handle(const net::HttpRequest& request) const;

 private:
  struct Call;
  net::HttpResponse collection(const Call& call) const;
  net::HttpResponse item(const Call& call) const;
  net::HttpResponse verb(const Call& call) const;
  net::HttpResponse remove(const Call& call) const;

  UnitRegistry& _units;
  Spool& _spool;
  const Options _options;
};

}  // namespace tsunagi::relay
