#include "kit/ChatBody.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <vector>

namespace responder {
namespace {

using nlohmann::json;

// An rsp_request that owns what it points to.
class RequestMaker {
 public:
  RequestMaker() { raw.temperature = std::nan(""); }
  RequestMaker& message(int32_t role) {
    _parts.emplace_back();
    auto& added = _messages.emplace_back();
    added.struct_size = sizeof added;
    added.role = role;
    return *this;
  }
  RequestMaker& part(int32_t kind, std::string data, std::string mime = {}) {
    auto& added = _storage.emplace_back();
    added.struct_size = sizeof added;
    added.kind = kind;
    added.data = str(_texts.emplace_back(std::move(data)));
    added.mime = str(_texts.emplace_back(std::move(mime)));
    _parts.back().push_back(&added);
    return *this;
  }
  RequestMaker& say(int32_t role, std::string text) { return message(role).part(RSP_PART_TEXT, std::move(text)); }
  Request request() {
    _pointers.clear();
    for (size_t i = 0; i < _messages.size(); ++i) {
      _messages[i].n_parts = _parts[i].size();
      _messages[i].parts = _parts[i].data();
      _pointers.push_back(&_messages[i]);
    }
    raw.struct_size = sizeof raw;
    raw.n_messages = _pointers.size();
    raw.messages = _pointers.data();
    return Request(raw);
  }
  rsp_request raw{};

 private:
  std::deque<std::string> _texts;
  std::deque<rsp_part> _storage;
  std::deque<rsp_message> _messages;
  std::deque<std::vector<const rsp_part*>> _parts;
  std::vector<const rsp_message*> _pointers;
};

int32_t codeOf(RequestMaker& maker, const ChatBodyRules& rules = {}) {
  try {
    chatBody(maker.request(), rules);
    return RSP_OK;
  } catch (const Error& error) {
    return error.code();
  }
}

TEST(ChatBodyTest, MessagesInTheirRoles) {
  RequestMaker maker;
  maker.say(RSP_ROLE_SYSTEM, "be brief").say(RSP_ROLE_USER, "hi").part(RSP_PART_TEXT, "there");
  maker.say(RSP_ROLE_ASSISTANT, "hello").say(RSP_ROLE_USER, "again");
  ChatBodyRules rules;
  rules.model = "small";
  EXPECT_EQ(chatBody(maker.request(), rules), json::parse(R"({"model":"small","stream":true,
    "stream_options":{"include_usage":true},"messages":[{"role":"system","content":"be brief"},
    {"role":"user","content":"hi\nthere"},{"role":"assistant","content":"hello"},{"role":"user","content":"again"}]})"));
  rules.onlyLastMessage = true;
  EXPECT_EQ(chatBody(maker.request(), rules)["messages"],
            json::parse(R"([{"role":"system","content":"be brief"},{"role":"user","content":"again"}])"));
}

TEST(ChatBodyTest, WhatTheRequestSaysWinsOverTheRules) {
  RequestMaker maker;
  maker.say(RSP_ROLE_USER, "hi");
  maker.raw.model = str("large");
  maker.raw.temperature = 0.5;
  maker.raw.max_output_tokens = 10;
  maker.raw.options_json = str(R"({"seed":7,"stream_options":null})");
  ChatBodyRules rules;
  rules.model = "small";
  rules.temperature = 1;
  rules.maxTokens = 99;
  rules.tokenField = "max_completion_tokens";
  rules.user = "u1";
  rules.extra = {{"seed", 1}, {"top_k", 3}};
  EXPECT_EQ(chatBody(maker.request(), rules),
            json::parse(R"({"model":"large","temperature":0.5,"max_completion_tokens":10,"seed":7,"top_k":3,"user":"u1",
    "stream":true,"stream_options":null,"messages":[{"role":"user","content":"hi"}]})"));
}

TEST(ChatBodyTest, PicturesAsDataAddresses) {
  RequestMaker maker;
  maker.say(RSP_ROLE_USER, "what is this?").part(RSP_PART_IMAGE, std::string("\xFF\xD8\x00", 3), "image/jpeg");
  EXPECT_EQ(chatBody(maker.request(), {})["messages"][0]["content"], json::parse(R"([
    {"type":"text","text":"what is this?"},{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9gA"}}])"));
  ChatBodyRules blind;
  blind.images = false;
  EXPECT_EQ(codeOf(maker, blind), RSP_E_UNSUPPORTED);
  ChatBodyRules jpeg;
  jpeg.imageTypes = "image/png";
  EXPECT_EQ(codeOf(maker, jpeg), RSP_E_UNSUPPORTED);
}

TEST(ChatBodyTest, WhatCannotBeSentIsSaid) {
  RequestMaker none;
  EXPECT_EQ(codeOf(none), RSP_E_INVALID);
  RequestMaker sound;
  sound.message(RSP_ROLE_USER).part(RSP_PART_AUDIO, "x", "audio/mp4");
  EXPECT_EQ(codeOf(sound), RSP_E_UNSUPPORTED);
  RequestMaker role;
  role.say(99, "x");
  EXPECT_EQ(codeOf(role), RSP_E_UNSUPPORTED);
  RequestMaker options;
  options.say(RSP_ROLE_USER, "x");
  options.raw.options_json = str("[1]");
  EXPECT_EQ(codeOf(options), RSP_E_INVALID);
}

TEST(ChatBodyTest, TheWireIsAlwaysUtf8) {
  RequestMaker maker;
  maker.say(RSP_ROLE_USER,
            "a\xF0\x9F"
            "b");
  const std::string wire = wireText(chatBody(maker.request(), {}));
  EXPECT_NE(wire.find("a\xEF\xBF\xBD"), std::string::npos) << wire;
}

TEST(ChatBodyTest, Base64) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), "//79");
}

}  // namespace
}  // namespace responder
