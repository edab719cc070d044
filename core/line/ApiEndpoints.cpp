#include "line/ApiEndpoints.h"

#include "base/LogEscape.h"
#include "net/Url.h"

namespace tsunagi::line {
namespace {

Status checkBase(std::string_view key, const std::string& base) {
  const std::string where = std::string(key) + " " + logEscape(base);
  auto url = net::Url::parse(base);
  if (!url) return Error{where + ": " + url.error()};
  if (url->scheme != "https" && !(url->scheme == "http" && url->isLoopback()))
    return Error{where + ": must be https, or http to a loopback address, since it carries the access token"};
  if (url->target.find('?') != std::string::npos) return Error{where + ": must not have a query"};
  if (base.back() == '/') return Error{where + ": must not end with a slash"};
  return {};
}

}  // namespace

Status ApiEndpoints::validate() const {
  if (Status status = checkBase("api_base", apiBase); !status) return status;
  if (Status status = checkBase("data_base", dataBase); !status) return status;
  if (!oauthBase.empty())
    if (Status status = checkBase("oauth_base", oauthBase); !status) return status;
  return {};
}

}  // namespace tsunagi::line
