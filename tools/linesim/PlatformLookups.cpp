// The Messaging API's calls that ask or change little: profiles, groups, quota, loading, marks, tokens.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Hash.h"
#include "line/Events.h"
#include "tools/linesim/BotAnswers.h"
#include "tools/linesim/FormFields.h"
#include "tools/linesim/MessageRules.h"
#include "tools/linesim/Platform.h"
#include "tools/linesim/PlatformLookUp.h"
#include "tools/linesim/RequestFields.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

BotAnswer notFound(BotAnswer answer) { return refuse(std::move(answer), 404, "Not found"); }

BotAnswer badId(BotAnswer answer, const char* name) {
  return refuse(std::move(answer), 400, std::string("The value for the '") + name + "' parameter is invalid");
}

void addText(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

constexpr size_t IDS_PER_PAGE = 100;
constexpr size_t MAX_FOLLOWERS = 1'000;

// The page of ids that the query's start names, with the token of the next one when there is more.
BotAnswer pageOf(const std::vector<std::string>& ids, const char* name, const BotCall& call, size_t most,
                 BotAnswer answer) {
  size_t begin = 0;
  if (const auto start = queryValue(call.query, "start")) {
    const auto [end, problem] = std::from_chars(start->data(), start->data() + start->size(), begin);
    if (problem != std::errc() || end != start->data() + start->size() || begin > ids.size())
      return refuse(std::move(answer), 400, "Invalid start param");
  }
  const size_t end = std::min(ids.size(), begin + most);
  json body{{name, json::array()}};
  for (size_t i = begin; i < end; ++i) body[name].push_back(ids[i]);
  if (end < ids.size()) body["next"] = std::to_string(end);
  answer.body = dumpJson(body);
  return answer;
}

BotAnswer tokenRefusal(BotAnswer answer, const char* error, const char* description) {
  answer.status = 400;
  answer.body = dumpJson({{"error", error}, {"error_description", description}});
  return answer;
}

}  // namespace

BotAnswer Platform::begin(const std::string& endpoint) {
  return lookUp(endpoint, {}, [](BotAnswer answer) { return answer; });
}

// The chat of the first path parameter, which the bot must be in.
const Chat* Platform::joinedChat(const BotCall& call) const {
  const Chat* const chat = _people.findChat(call.parameters.at(0));
  return chat && chat->hasBot ? chat : nullptr;
}

BotAnswer Platform::startLoading(const BotCall& call) {
  BotAnswer answer = lookUp("loading", call, [&](BotAnswer result) {
    const json request = parseBody(call.body, result);
    if (request.is_null()) return result;
    FieldChecker checker;
    checker.check(request, "", {{"chatId", Form::Units, true, 1}, {"loadingSeconds", Form::Unlooked}});
    const std::string chatId = stringMember(request, "chatId");
    int64_t seconds = 20;
    if (const auto value = request.find("loadingSeconds"); value != request.end())
      seconds = value->is_number_integer() ? value->get<int64_t>() : 0;
    if (seconds < 5 || seconds > 60 || seconds % 5 != 0)
      checker.complain("loadingSeconds", "Must be a multiple of 5 between 5 and 60");
    if (!chatId.empty() && !_people.findPerson(chatId)) checker.complain("chatId", "Must be a user's id");
    if (!checker.found.empty()) return refuseFaults(std::move(result), checker.found);
    _ledger.addLoading(chatId, static_cast<size_t>(seconds));
    result.status = 202;
    result.body = "{}";
    return result;
  });
  changed();
  return answer;
}

BotAnswer Platform::markAsRead(const BotCall& call) {
  BotAnswer answer = lookUp("markAsRead", call, [&](BotAnswer result) {
    const json request = parseBody(call.body, result);
    if (request.is_null()) return result;
    FieldChecker checker;
    checker.check(request, "", {{"markAsReadToken", Form::Units, true, 1}});
    const ChatMessage* const message = _chatLog.findRead(stringMember(request, "markAsReadToken"));
    if (checker.found.empty() && !message) checker.complain("markAsReadToken", "Invalid token");
    if (!checker.found.empty()) return refuseFaults(std::move(result), checker.found);
    if (_chatMode == "chat") _ledger.addRead(message->conversation, message->id);  // else it is taken and does nothing
    result.body = "{}";
    return result;
  });
  changed();
  return answer;
}

BotAnswer Platform::leave(const BotCall& call, Happened* happened) {
  BotAnswer answer = lookUp("leave", call, [&](BotAnswer result) {
    Chat* const chat = _people.findChat(call.parameters.at(0));
    const bool isRoom = call.parameters.at(0).rfind('R', 0) == 0;
    if (!isRoom && (!chat || !chat->hasBot)) return notFound(std::move(result));
    if (chat && chat->hasBot && happened && !_ledger.full(1)) recordAlone({"leave", nullptr, nullptr, chat}, *happened);
    if (chat) {
      chat->hasBot = false;
      chat->isClosed = true;
      _ledger.addPeople();
    }
    result.body = "{}";
    return result;
  });
  changed();
  return answer;
}

BotAnswer Platform::profile(const BotCall& call) {
  return lookUp("profile", call, [&](BotAnswer result) {
    const std::string& userId = call.parameters.at(0);
    if (!line::isLineId(userId, "U")) return badId(std::move(result), "userId");
    const Person* const person = _people.findPerson(userId);
    if (!person || !People::showsProfile(*person)) return notFound(std::move(result));
    json body{{"displayName", person->displayName}, {"userId", userId}};
    addText(body, "language", person->language);
    addText(body, "pictureUrl", person->pictureUrl);
    addText(body, "statusMessage", person->statusMessage);
    result.body = dumpJson(body);
    return result;
  });
}

BotAnswer Platform::memberProfile(const BotCall& call) {
  return lookUp("member", call, [&](BotAnswer result) {
    const std::string& userId = call.parameters.at(1);
    if (!line::isLineId(userId, "U")) return badId(std::move(result), "userId");
    const Chat* const chat = joinedChat(call);
    const Person* const person = _people.findPerson(userId);
    if (!chat || !person || !chat->hasMember(userId)) return notFound(std::move(result));
    json body{{"displayName", person->displayName}, {"userId", userId}};
    addText(body, "pictureUrl", person->pictureUrl);
    result.body = dumpJson(body);
    return result;
  });
}

BotAnswer Platform::groupSummary(const BotCall& call) {
  return lookUp("summary", call, [&](BotAnswer result) {
    const Chat* const chat = joinedChat(call);
    if (!chat || chat->kind != Chat::Kind::Group) return notFound(std::move(result));
    json body{{"groupId", chat->id}, {"groupName", chat->title}};
    addText(body, "pictureUrl", chat->pictureUrl);
    result.body = dumpJson(body);
    return result;
  });
}

BotAnswer Platform::memberCount(const BotCall& call) {
  return lookUp("count", call, [&](BotAnswer result) {
    const Chat* const chat = joinedChat(call);
    if (!chat) return notFound(std::move(result));
    result.body = dumpJson({{"count", chat->members.size()}});
    return result;
  });
}

BotAnswer Platform::memberIds(const BotCall& call) {
  return lookUp("ids", call, [&](BotAnswer result) {
    if (!_verified) return refuse(std::move(result), 403, "Access to this API is not available for your account");
    const Chat* const chat = joinedChat(call);
    if (!chat) return notFound(std::move(result));
    return pageOf(chat->members, "memberIds", call, IDS_PER_PAGE, std::move(result));
  });
}

BotAnswer Platform::followerIds(const BotCall& call) {
  return lookUp("ids", call, [&](BotAnswer result) {
    if (!_verified) return refuse(std::move(result), 403, "Access to this API is not available for your account");
    const std::string_view text = queryValue(call.query, "limit").value_or("300");
    size_t limit = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (problem != std::errc() || end != text.data() + text.size() || limit < 1 || limit > MAX_FOLLOWERS)
      return refuse(std::move(result), 400, "The value for the 'limit' parameter is invalid");
    std::vector<std::string> ids;
    for (const Person& person : _people.people())
      if (person.isFriend && !person.hasBlocked) ids.push_back(person.id);
    return pageOf(ids, "userIds", call, limit, std::move(result));
  });
}

BotAnswer Platform::botInfo(const BotCall& call) {
  return lookUp("info", call, [&](BotAnswer result) {
    result.body = dumpJson({{"userId", _options.botUserId},
                            {"basicId", "@linesim"},
                            {"displayName", _options.botName},
                            {"chatMode", _chatMode},
                            {"markAsReadMode", _chatMode == "chat" ? "manual" : "auto"}});
    return result;
  });
}

BotAnswer Platform::quota(const BotCall& call) {
  return lookUp("quota", call, [&](BotAnswer result) {
    result.body = dumpJson(_quota ? json{{"type", "limited"}, {"value", *_quota}} : json{{"type", "none"}});
    return result;
  });
}

BotAnswer Platform::quotaConsumption(const BotCall& call) {
  return lookUp("consumption", call, [&](BotAnswer result) {
    result.body = dumpJson({{"totalUsage", _pushed}});
    return result;
  });
}

BotAnswer Platform::issueToken(const BotCall& call) {
  return lookUp("token", call, [&](BotAnswer result) {
    const FormFields form(call.body);
    if (form.value("grant_type") != "client_credentials")
      return tokenRefusal(std::move(result), "unsupported_grant_type", "grant_type must be client_credentials");
    if (form.value("client_id") != _options.channelId ||
        !equalConstantTime(form.value("client_secret"), _secret.reveal()))
      return tokenRefusal(std::move(result), "invalid_client", "Invalid client ID or secret");
    const std::string token = _accessTokens.issue(_clock.steadyMs());
    if (token.empty()) return refuse(std::move(result), 429, "The API rate limit has been exceeded. Try again later.");
    result.body = dumpJson(
        {{"token_type", "Bearer"}, {"access_token", token}, {"expires_in", (_accessTokens.lifeMs() + 999) / 1000}});
    return result;
  });
}

}  // namespace tsunagi::linesim
