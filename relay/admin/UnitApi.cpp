#include "relay/admin/UnitApi.h"

#include <chrono>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>

#include "relay/spool/Spool.h"
#include "relay/units/UnitRegistry.h"

namespace tsunagi::relay {

using net::HttpResponse;
using nlohmann::json;

namespace {

constexpr std::string_view ROOT = "/v1/units";
constexpr int64_t DEFAULT_GRACE_MS = 24ll * 3600 * 1000;
constexpr int64_t MAX_GRACE_MS = 365ll * 24 * 3600 * 1000;
// Far above what the disk takes; past it the operation may still be done later.
constexpr std::chrono::seconds SPOOL_GUARD{30};

HttpResponse answer(int status, const json& body) {
  return HttpResponse::json(status, body.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

HttpResponse problem(int status, const std::string& what) { return answer(status, {{"error", what}}); }

// A member of the request's object that may be missing. False when it has the wrong type.
bool textMember(const json& body, const char* name, std::string& value) {
  const auto found = body.find(name);
  if (found == body.end()) return true;
  if (!found->is_string()) return false;
  value = found->get<std::string>();
  return true;
}

bool numberMember(const json& body, const char* name, uint64_t maximum, uint64_t& value) {
  const auto found = body.find(name);
  if (found == body.end()) return true;
  if (!found->is_number_unsigned() || found->get<uint64_t>() > maximum) return false;
  value = found->get<uint64_t>();
  return true;
}

constexpr const char* LIMITS_FORM = "backlog_events, backlog_bytes and requests_per_minute must be numbers from 0";

// Members that are missing leave their limit as it is.
bool limitMembers(const json& body, UnitLimits& limits) {
  uint64_t perMinute = limits.requestsPerMinute;
  const bool good = numberMember(body, "backlog_events", INT64_MAX, limits.backlogEvents) &&
                    numberMember(body, "backlog_bytes", INT64_MAX, limits.backlogBytes) &&
                    numberMember(body, "requests_per_minute", UINT32_MAX, perMinute);
  limits.requestsPerMinute = static_cast<uint32_t>(perMinute);
  return good;
}

template <typename T>
std::optional<T> await(const std::function<void(std::function<void(std::optional<T>)>)>& ask) {
  auto promise = std::make_shared<std::promise<std::optional<T>>>();
  std::future<std::optional<T>> future = promise->get_future();
  ask([promise](std::optional<T> value) { promise->set_value(std::move(value)); });
  if (future.wait_for(SPOOL_GUARD) != std::future_status::ready) return std::nullopt;
  return future.get();
}

void addBooks(json& unit, const QueueCounters& books) {
  unit["epoch"] = books.epoch;
  unit["next_seq"] = books.nextSeq;
  unit["acknowledged"] = books.acknowledged;
  unit["pending"] = books.pending;
  unit["pending_bytes"] = books.pendingBytes;
  unit["stored_total"] = books.storedTotal;
  unit["acknowledged_total"] = books.acknowledgedTotal;
  unit["dead_total"] = books.deadTotal;
  unit["dead_held"] = books.deadHeld;
  unit["dead_bytes"] = books.deadBytes;
}

json describe(const UnitRecord& unit, const UnitApi::Options& options) {
  json result{{"unit", unit.id},
              {"fleet", unit.fleet},
              {"name", unit.name},
              {"legacy", unit.legacy},
              {"suspended", unit.suspended},
              {"created_ms", unit.createdWallMs},
              {"backlog_events", unit.limits.backlogEvents},
              {"backlog_bytes", unit.limits.backlogBytes},
              {"requests_per_minute", unit.limits.requestsPerMinute},
              {"connected", nullptr},
              {"webhook_path", "/" + unit.fleet + "/" + unit.webhookId + "/webhook"},
              {"webhook_url", nullptr},
              {"link_url", nullptr}};
  if (options.connected) result["connected"] = options.connected(unit.id);
  if (!options.publicUrl.empty()) {
    // The bridge's [relay] url; it appends the unit itself.
    const std::string base = options.publicUrl + "/" + unit.fleet;
    const bool plain = base.compare(0, 5, "http:") == 0;
    result["webhook_url"] = base + "/" + unit.webhookId + "/webhook";
    result["link_url"] = plain ? "ws:" + base.substr(5) : "wss:" + base.substr(6);
  }
  json tokens = json::array();
  for (const TokenSlot& slot : unit.tokens)
    if (!slot.hash.empty())
      tokens.push_back(
          {{"serial", slot.serial}, {"expires_ms", slot.expiresWallMs == 0 ? json() : json(slot.expiresWallMs)}});
  result["tokens"] = tokens;
  return result;
}

HttpResponse withToken(int status, const UnitToken& issued, const UnitApi::Options& options) {
  json result = describe(*issued.unit, options);
  result["token"] = std::string(issued.token.reveal());
  return answer(status, result);
}

}  // namespace

struct UnitApi::Call {
  std::string method, id, verb, query;
  json body = json::object();
};

UnitApi::UnitApi(UnitRegistry& units, Spool& spool, Options options)
    : _units(units), _spool(spool), _options(std::move(options)) {}

HttpResponse UnitApi::handle(const net::HttpRequest& request) const {
  Call call;
  call.method = request.method;
  call.query = request.query;
  std::string_view path = request.path;
  if (path.substr(0, ROOT.size()) != ROOT) return problem(404, "there is only " + std::string(ROOT));
  path.remove_prefix(ROOT.size());
  if (!path.empty() && path.front() != '/') return problem(404, "there is only " + std::string(ROOT));
  if (!request.body.empty()) call.body = json::parse(request.body, nullptr, false);
  if (!call.body.is_object()) return problem(400, "the body must be a JSON object");
  if (path.empty()) return collection(call);
  path.remove_prefix(1);
  const size_t slash = path.find('/');
  call.id = path.substr(0, slash);
  if (slash != std::string_view::npos) call.verb = path.substr(slash + 1);
  if (!_units.find(call.id)) return problem(404, "there is no such unit; see tsunagi-relay unit list");
  return call.verb.empty() ? item(call) : verb(call);
}

HttpResponse UnitApi::collection(const Call& call) const {
  if (call.method == "GET") {
    constexpr std::string_view FLEET = "fleet=";
    const std::string_view query = call.query;
    const std::string_view fleet = query.substr(0, FLEET.size()) == FLEET ? query.substr(FLEET.size()) : "";
    json units = json::array();
    for (const auto& unit : _units.list(fleet)) units.push_back(describe(*unit, _options));
    return answer(200, {{"units", units}});
  }
  if (call.method != "POST") return problem(405, "use GET or POST");
  std::string fleet = "default";
  std::string name;
  UnitLimits limits;
  if (!textMember(call.body, "fleet", fleet) || !textMember(call.body, "name", name))
    return problem(400, "fleet and name must be text");
  if (!limitMembers(call.body, limits)) return problem(400, LIMITS_FORM);
  const Result<UnitToken> added = _units.add(fleet, name, limits);
  return added ? withToken(201, *added, _options) : problem(400, added.error());
}

HttpResponse UnitApi::item(const Call& call) const {
  if (call.method == "DELETE") return remove(call);
  if (call.method != "GET") return problem(405, "use GET or DELETE");
  const auto unit = _units.find(call.id);
  if (!unit) return problem(404, "the unit was just removed");
  const auto books = await<QueueCounters>([&](auto done) { _spool.counters(call.id, std::move(done)); });
  if (!books) return problem(500, "the spool cannot be read now; see the relay's log");
  json result = describe(*unit, _options);
  addBooks(result, *books);
  return answer(200, result);
}

HttpResponse UnitApi::verb(const Call& call) const {
  if (call.method != "POST") return problem(405, "use POST");
  if (call.verb == "rotate") {
    uint64_t grace = DEFAULT_GRACE_MS;
    if (!numberMember(call.body, "grace_ms", MAX_GRACE_MS, grace))
      return problem(400, "grace_ms must be a number of milliseconds, at most a year");
    const Result<UnitToken> rotated = _units.rotate(call.id, static_cast<int64_t>(grace));
    return rotated ? withToken(200, *rotated, _options) : problem(500, rotated.error());
  }
  Status status;
  if (call.verb == "revoke")
    status = _units.revoke(call.id);
  else if (call.verb == "suspend")
    status = _units.setSuspended(call.id, true);
  else if (call.verb == "resume")
    status = _units.setSuspended(call.id, false);
  else if (call.verb == "rename") {
    std::string name;
    if (!textMember(call.body, "name", name)) return problem(400, "name must be text");
    status = _units.rename(call.id, name);
    if (!status) return problem(400, status.error());
  } else if (call.verb == "readdress")
    status = _units.readdress(call.id);
  else if (call.verb == "limits") {
    const auto before = _units.find(call.id);
    if (!before) return problem(404, "the unit was just removed");
    UnitLimits limits = before->limits;
    if (!limitMembers(call.body, limits)) return problem(400, LIMITS_FORM);
    status = _units.setLimits(call.id, limits);
  } else
    return problem(404, "unknown: rotate, revoke, suspend, resume, rename, limits and readdress are known");
  if (!status) return problem(500, status.error());
  const auto unit = _units.find(call.id);
  return unit ? answer(200, describe(*unit, _options)) : problem(404, "the unit was just removed");
}

HttpResponse UnitApi::remove(const Call& call) const {
  const bool purge = call.query == "purge=yes";
  // First no more webhooks and links, then the backlog: nothing can be stored behind it.
  if (Status status = _units.remove(call.id); !status) return problem(500, status.error());
  const auto removal = await<Removal>([&](auto done) { _spool.removeUnit(call.id, purge, std::move(done)); });
  if (!removal)
    return problem(500, "the unit is gone, but its backlog could not be deleted now; it expires with max_age");
  return answer(200, {{"unit", call.id}, {"pending", removal->pending}, {"dead", removal->dead}, {"purged", purge}});
}

}  // namespace tsunagi::relay
