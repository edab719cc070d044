#include "responder/AbiRequest.h"

#include "base/Encoding.h"
#include "responder/Utf8Repair.h"

namespace tsunagi::responder {
namespace {

int32_t roleOf(ChatMessage::Role role) {
  switch (role) {
    case ChatMessage::Role::System:
      return RSP_ROLE_SYSTEM;
    case ChatMessage::Role::Assistant:
      return RSP_ROLE_ASSISTANT;
    case ChatMessage::Role::User:
      break;
  }
  return RSP_ROLE_USER;
}

int32_t kindOf(ChatPart::Kind kind) {
  switch (kind) {
    case ChatPart::Kind::Image:
      return RSP_PART_IMAGE;
    case ChatPart::Kind::Audio:
      return RSP_PART_AUDIO;
    case ChatPart::Kind::File:
      return RSP_PART_FILE;
    case ChatPart::Kind::Text:
      break;
  }
  return RSP_PART_TEXT;
}

}  // namespace

AbiRequest::AbiRequest(const ChatRequest& request) {
  for (const ChatMessage& message : request.messages) {
    auto& list = _partLists.emplace_back();
    for (const ChatPart& part : message.parts) {
      rsp_part& raw = _parts.emplace_back();
      raw = {};
      raw.struct_size = sizeof raw;
      raw.kind = kindOf(part.kind);
      raw.data = part.kind == ChatPart::Kind::Text ? text(part.data) : rsp_str{part.data.data(), part.data.size()};
      raw.mime = text(part.mime);
      raw.name = text(part.name);
      list.push_back(&raw);
    }
    rsp_message& raw = _messages.emplace_back();
    raw = {};
    raw.struct_size = sizeof raw;
    raw.role = roleOf(message.role);
    raw.n_parts = list.size();
    raw.parts = list.data();
    _messageList.push_back(&raw);
  }
  _request.struct_size = sizeof _request;
  _request.accept = RSP_ACCEPT(RSP_EV_TEXT) | RSP_ACCEPT(RSP_EV_USAGE) | RSP_ACCEPT(RSP_EV_FINISH);
  _request.model = text(request.model);
  _request.conversation_id = text(request.conversationId);
  _request.n_messages = _messageList.size();
  _request.messages = _messageList.data();
  _request.temperature = request.temperature;
  _request.max_output_tokens = request.maxOutputTokens;
  _request.options_json = text(request.optionsJson);
}

rsp_str AbiRequest::text(std::string_view text) {
  if (!isValidUtf8(text)) text = _repaired.emplace_back(repairedUtf8(text));
  return {text.data(), text.size()};
}

}  // namespace tsunagi::responder
