#include "link/Messages.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "link/JsonFields.h"

namespace tsunagi::link {

using nlohmann::json;

namespace {

constexpr uint64_t MAX_SEQ = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
constexpr size_t MAX_ID = 64;
constexpr size_t MAX_TEXT = 200;
constexpr size_t MAX_FEATURES = 32;
constexpr int64_t MAX_AGE_MS = 366ll * 24 * 3600 * 1000;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

bool isId(std::string_view text) {
  if (text.empty() || text.size() > MAX_ID) return false;
  for (unsigned char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

std::string cleanText(JsonFields& fields, const char* name) {
  return printableText(fields.text(name, MAX_CONTROL_BYTES).value_or(""));
}

// An id that may be absent or empty.
std::string optionalId(JsonFields& fields, const char* name) {
  std::string id = fields.text(name, MAX_ID).value_or("");
  if (!id.empty() && !isId(id)) fields.fail(name, "is not an id");
  return id;
}

std::string requiredId(JsonFields& fields, const char* name) {
  std::string id = fields.text(name, MAX_ID).value_or("");
  if (!isId(id)) fields.fail(name, "is missing or not an id");
  return id;
}

std::vector<std::string> featuresOf(const json& object, JsonFields& fields) {
  std::vector<std::string> features;
  auto found = object.find("features");
  if (found == object.end()) return features;
  if (!found->is_array()) {
    fields.fail("features", "is not a list");
    return features;
  }
  for (const json& item : *found) {
    if (features.size() == MAX_FEATURES) break;
    if (const auto* text = item.get_ptr<const std::string*>()) features.push_back(printableText(*text));
  }
  return features;
}

Hello helloOf(const json& object, JsonFields& fields) {
  Hello hello;
  hello.agent = cleanText(fields, "agent");
  hello.version = cleanText(fields, "version");
  hello.instance = cleanText(fields, "instance");
  hello.position.epoch = optionalId(fields, "epoch");
  hello.position.lastSeq = fields.number("last_seq", 0, MAX_SEQ - 1, 0);
  hello.position.lastId = optionalId(fields, "last_id");
  if (hello.position.epoch.empty() && hello.position.lastSeq != 0) fields.fail("last_seq", "without an epoch");
  hello.windowEvents = static_cast<uint64_t>(fields.clamped("window_events", 1, MAX_WINDOW_EVENTS, 256));
  hello.windowBytes = static_cast<uint64_t>(fields.clamped("window_bytes", 1, MAX_WINDOW_BYTES, 4 * 1024 * 1024));
  hello.features = featuresOf(object, fields);
  return hello;
}

Welcome welcomeOf(const json& object, JsonFields& fields) {
  Welcome welcome;
  welcome.unit = cleanText(fields, "unit");
  welcome.node = cleanText(fields, "node");
  welcome.epoch = requiredId(fields, "epoch");
  welcome.resumeSeq = fields.number("resume_seq", 1, MAX_SEQ);
  welcome.nowMs = fields.clamped("now_ms", 0, std::numeric_limits<int64_t>::max() / 2, 0);
  welcome.windowEvents = static_cast<uint64_t>(fields.clamped("window_events", 1, MAX_WINDOW_EVENTS, 256));
  welcome.windowBytes = static_cast<uint64_t>(fields.clamped("window_bytes", 1, MAX_WINDOW_BYTES, 4 * 1024 * 1024));
  welcome.pingS = fields.clamped("ping_s", MIN_PING_S, MAX_PING_S, 20);
  welcome.features = featuresOf(object, fields);
  return welcome;
}

Nack nackOf(JsonFields& fields) {
  Nack nack;
  nack.seq = fields.number("seq", 1, MAX_SEQ);
  std::string code = fields.text("code", MAX_TEXT).value_or("");
  if (code == nameOf(NackCode::TooBig)) {
    nack.code = NackCode::TooBig;
  } else if (code != nameOf(NackCode::Unparsable)) {
    fields.fail("code", "is neither unparsable nor too_big");
  }
  nack.reason = cleanText(fields, "reason");
  return nack;
}

Goaway goawayOf(JsonFields& fields) {
  Goaway goaway;
  goaway.reason = cleanText(fields, "reason");
  goaway.jitterMs = fields.clamped("jitter_ms", 0, MAX_JITTER_MS, 0);
  goaway.alt = fields.text("alt", 2048).value_or("");
  return goaway;
}

Gap gapOf(JsonFields& fields) {
  Gap gap;
  gap.range.from = fields.number("from", 1, MAX_SEQ - 1);
  gap.range.to = fields.number("to", 1, MAX_SEQ - 1);
  if (gap.range.to < gap.range.from) fields.fail("to", "lies before from");
  return gap;
}

ControlMessage controlOf(const std::string& kind, json& object, JsonFields& fields) {
  if (kind == "ack") return Ack{fields.number("seq", 1, MAX_SEQ)};
  if (kind == "hello") return helloOf(object, fields);
  if (kind == "welcome") return welcomeOf(object, fields);
  if (kind == "nack") return nackOf(fields);
  if (kind == "goaway") return goawayOf(fields);
  if (kind == "resync") return Resync{requiredId(fields, "epoch")};
  if (kind == "gap") return gapOf(fields);
  if (kind == "status") {
    object.erase("t");
    return StatusMessage{dump(object)};
  }
  return UnknownMessage{};
}

void readHeaders(const json& object, JsonFields& fields, EventHead& head) {
  auto found = object.find("headers");
  if (found == object.end()) return;
  if (!found->is_array() || found->size() > 100) {
    fields.fail("headers", "is not a list of at most 100");
    return;
  }
  for (const json& item : *found) {
    const std::string* name = nullptr;
    const std::string* value = nullptr;
    if (item.is_array() && item.size() == 2) {
      name = item[0].get_ptr<const std::string*>();
      value = item[1].get_ptr<const std::string*>();
    }
    if (!name || !value || name->empty()) {
      fields.fail("headers", "holds something that is not a pair of strings");
      return;
    }
    head.headers.emplace_back(*name, *value);
  }
}

}  // namespace

const char* nameOf(NackCode code) { return code == NackCode::TooBig ? "too_big" : "unparsable"; }

std::string printableText(std::string_view text) {
  std::string out(text.substr(0, MAX_TEXT));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

std::string encode(const Hello& message) {
  return dump({{"t", "hello"},
               {"agent", message.agent},
               {"version", message.version},
               {"instance", message.instance},
               {"epoch", message.position.epoch},
               {"last_seq", message.position.lastSeq},
               {"last_id", message.position.lastId},
               {"window_events", message.windowEvents},
               {"window_bytes", message.windowBytes},
               {"features", message.features}});
}

std::string encode(const Welcome& message) {
  return dump({{"t", "welcome"},
               {"unit", message.unit},
               {"node", message.node},
               {"epoch", message.epoch},
               {"resume_seq", message.resumeSeq},
               {"now_ms", message.nowMs},
               {"window_events", message.windowEvents},
               {"window_bytes", message.windowBytes},
               {"ping_s", message.pingS},
               {"features", message.features}});
}

std::string encode(const Ack& message) { return dump({{"t", "ack"}, {"seq", message.seq}}); }

std::string encode(const Nack& message) {
  return dump(
      {{"t", "nack"}, {"seq", message.seq}, {"code", nameOf(message.code)}, {"reason", printableText(message.reason)}});
}

std::string encode(const StatusMessage& message) {
  json object = json::parse(message.json, nullptr, false);
  if (!object.is_object()) return {};
  object["t"] = "status";
  return dump(object);
}

std::string encode(const Goaway& message) {
  json object = {{"t", "goaway"}, {"reason", message.reason}, {"jitter_ms", message.jitterMs}};
  if (!message.alt.empty()) object["alt"] = message.alt;
  return dump(object);
}

std::string encode(const Resync& message) { return dump({{"t", "resync"}, {"epoch", message.epoch}}); }

std::string encode(const Gap& message) {
  return dump({{"t", "gap"}, {"from", message.range.from}, {"to", message.range.to}});
}

Result<ControlMessage> decode(std::string_view text) {
  if (text.size() > MAX_CONTROL_BYTES) return Error{"control message of more than 64 KiB"};
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Error{"control message is not a JSON object"};
  JsonFields fields(object);
  auto kind = fields.text("t", MAX_CONTROL_BYTES);
  if (!kind) return Error{"control message without a kind"};
  ControlMessage message = controlOf(*kind, object, fields);
  if (!fields.ok()) return Error{printableText(*kind) + ": " + fields.error()};
  return message;
}

std::string encodeEventHead(const EventHead& head) {
  json headers = json::array();
  for (const auto& [name, value] : head.headers) headers.push_back(json::array({name, value}));
  json object = {{"t", "event"},
                 {"seq", head.seq},
                 {"id", head.id},
                 {"age_ms", head.ageMs},
                 {"attempt", head.attempt},
                 {"path", head.path},
                 {"headers", std::move(headers)},
                 {"len", head.length}};
  if (!head.replay.empty()) object["replay"] = head.replay;
  return dump(object) + "\n";
}

Result<EventView> decodeEvent(std::string_view message) {
  size_t lineEnd = message.substr(0, MAX_EVENT_HEAD_BYTES).find('\n');
  if (lineEnd == std::string_view::npos) return Error{"event without a head line"};
  json object = json::parse(message.substr(0, lineEnd), nullptr, false);
  if (!object.is_object()) return Error{"event head is not a JSON object"};
  JsonFields fields(object);
  if (fields.text("t", MAX_TEXT).value_or("") != "event") return Error{"binary message is not an event"};
  EventView view;
  view.body = message.substr(lineEnd + 1);
  EventHead& head = view.head;
  head.seq = fields.number("seq", 1, MAX_SEQ - 1);
  head.id = requiredId(fields, "id");
  head.ageMs = fields.clamped("age_ms", 0, MAX_AGE_MS, 0);
  head.attempt = static_cast<uint32_t>(fields.clamped("attempt", 0, 1'000'000, 0));
  head.path = fields.text("path", MAX_EVENT_HEAD_BYTES).value_or("");
  readHeaders(object, fields, head);
  head.length = fields.number("len", 0, MAX_SEQ);
  head.replay = optionalId(fields, "replay");
  if (!fields.ok()) return Error{"event: " + fields.error()};
  if (head.length != view.body.size()) return Error{"event: len is not the body's length"};
  return view;
}

}  // namespace tsunagi::link
