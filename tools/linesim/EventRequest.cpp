#include "tools/linesim/EventRequest.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/Encoding.h"
#include "line/TextLimits.h"
#include "tools/linesim/RequestFields.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* WITH_TOKEN[] = {"message",  "messageEdited",     "follow", "join",        "memberJoined",
                                      "postback", "videoPlayComplete", "beacon", "accountLink", "membership"};

Result<Content> readContent(const json& request) {
  RequestFields fields(request);
  Content content;
  content.mimeType = fields.text("type", "application/octet-stream");
  const uint64_t size = fields.number("bytes", 0, Contents::MAX_BYTES);
  const std::string encoded = fields.text("base64", "");
  if (!fields.problem().empty()) return Error{"content: " + fields.problem()};
  if (encoded.empty()) {
    content.bytes = std::make_shared<const std::string>(Contents::generate(size));
    return content;
  }
  auto bytes = fromBase64(encoded);
  if (!bytes) return Error{"content: base64 is not base64"};
  content.bytes = std::make_shared<const std::string>(std::move(*bytes));
  return content;
}

std::optional<bool> optionalFlag(RequestFields& fields, const char* name) {
  return fields.has(name) ? std::optional<bool>(fields.flag(name)) : std::nullopt;
}

// The message or other members of the event; the first complaint.
Status readPayload(const json& request, EventRequest& result) {
  RequestFields fields(request);
  result.type = fields.text("type", "message");
  const auto with = request.find("with");
  if (with != request.end()) {
    if (!with->is_object()) return Error{"with must be an object of members of the event"};
    result.payload = ordered_json::parse(with->dump(-1, ' ', false, json::error_handler_t::replace));
  }
  if (result.type != "message") return fields.problem().empty() ? Status() : Status(Error{fields.problem()});
  const auto message = request.find("message");
  if (message != request.end()) {
    if (!message->is_object() || !message->contains("type")) return Error{"message must be an object with a type"};
    result.payload["message"] = ordered_json::parse(message->dump(-1, ' ', false, json::error_handler_t::replace));
  } else {
    result.payload["message"] = {{"type", "text"}, {"text", fields.text("text")}};
  }
  if (!fields.problem().empty()) return Error{fields.problem()};
  const ordered_json& made = result.payload["message"];
  if (made.value("type", ordered_json()) == "text") {
    const auto text = made.find("text");
    if (text == made.end() || !text->is_string()) return Error{"text must be a string"};
    const size_t units = line::utf16Length(text->get_ref<const std::string&>());
    if (units == 0 || units > line::MAX_TEXT_UNITS) return Error{"text must have 1 to 5000 UTF-16 units"};
  }
  return {};
}

}  // namespace

Result<ChatName> readChatName(const json& request) {
  RequestFields fields(request);
  const std::string group = fields.text("group", "");
  const std::string room = fields.text("room", "");
  if (!fields.problem().empty()) return Error{fields.problem()};
  if (!group.empty() && !room.empty()) return Error{"give a group or a room, not both"};
  return ChatName{room.empty() ? Chat::Kind::Group : Chat::Kind::Room, room.empty() ? group : room};
}

Result<EventRequest> readEventRequest(const json& request) {
  if (!request.is_object()) return Error{"an event must be an object"};
  EventRequest result;
  RequestFields fields(request);
  result.user = fields.text("user", "");
  auto chat = readChatName(request);
  if (!chat) return Error{chat.error()};
  result.chat = *chat;
  if (auto status = readPayload(request, result); !status) return Error{status.error()};
  result.quote = fields.text("quote", "");
  for (const json& name : request.value("mentions", json::array())) {
    if (!name.is_string()) return Error{"mentions must be a list of names"};
    result.mentions.push_back(name.get<std::string>());
  }
  result.standby = fields.flag("standby");
  result.anonymous = fields.flag("anonymous");
  result.sourceless = fields.flag("sourceless");
  result.replyToken = optionalFlag(fields, "replyToken");
  result.expect = optionalFlag(fields, "expect");
  const uint64_t preparing = fields.number("preparing", 0, 1'000'000);
  const bool failed = fields.flag("failed");
  if (!fields.problem().empty()) return Error{fields.problem()};
  if (const auto content = request.find("content"); content != request.end()) {
    if (!content->is_object()) return Error{"content must be an object"};
    auto read = readContent(*content);
    if (!read) return Error{read.error()};
    result.content = std::move(*read);
  } else if (preparing > 0 || failed) {
    result.content = Content{"", "application/octet-stream", std::make_shared<const std::string>("x"), 0, false, false};
  }
  if (result.content) {
    result.content->preparing = preparing;
    result.content->failed = failed;
  }
  return result;
}

bool hasReplyToken(std::string_view type) {
  return std::find(std::begin(WITH_TOKEN), std::end(WITH_TOKEN), type) != std::end(WITH_TOKEN);
}

}  // namespace tsunagi::linesim
