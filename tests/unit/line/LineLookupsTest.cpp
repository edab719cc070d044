// Look-ups and chat helpers against a scripted server on loopback.
#include "line/LineLookups.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "line/ChatHelpers.h"
#include "net/CancelToken.h"
#include "net/HttpClient.h"
#include "tests/unit/line/ScriptedLine.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

const std::string USER = "U0123456789abcdef0123456789abcdef";
const std::string GROUP = "C0123456789abcdef0123456789abcdef";
const std::string ROOM = "R0123456789abcdef0123456789abcdef";

class LineLookupsTest : public testing::Test {
 protected:
  LineLookups lookups() { return {client, {line.base(), line.base()}, SecretString("s3cret-token")}; }
  ChatHelpers helpers() { return {client, {line.base(), line.base()}, SecretString("s3cret-token")}; }

  ScriptedLine line{{{"GET", "/v2/bot/info"},
                     {"GET", "/v2/bot/profile/{user}"},
                     {"GET", "/v2/bot/{kind}/{chat}/member/{user}"},
                     {"GET", "/v2/bot/group/{chat}/summary"},
                     {"GET", "/v2/bot/{kind}/{chat}/members/count"},
                     {"GET", "/v2/bot/message/quota"},
                     {"GET", "/v2/bot/message/quota/consumption"},
                     {"POST", "/v2/bot/chat/loading/start"},
                     {"POST", "/v2/bot/chat/markAsRead"},
                     {"POST", "/v2/bot/{kind}/{chat}/leave"}}};
  net::HttpClient client{nullptr};
};

TEST_F(LineLookupsTest, BotInfoIsRead) {
  line.answer(200, R"({"userId":"U9","basicId":"@x","displayName":"Bot","chatMode":"bot","markAsReadMode":"auto"})");
  const BotInfoResult good = lookups().botInfo();
  EXPECT_EQ(good.call.kind, Kind::Delivered);
  EXPECT_EQ(good.info.userId, "U9");
  EXPECT_EQ(good.info.chatMode, "bot");
  EXPECT_EQ(line.last().headers.find("Authorization"), "Bearer s3cret-token");
  line.answer(200, "<html>a login page</html>");
  const BotInfoResult page = lookups().botInfo();
  EXPECT_EQ(page.call.kind, Kind::Refused);
  EXPECT_NE(page.call.detail.find("api_base"), std::string::npos);
}

TEST_F(LineLookupsTest, AFriendsProfileHasEverything) {
  line.answer(200,
              R"({"displayName":"愛","userId":"U1","language":"ja","pictureUrl":"https://p","statusMessage":"hi"})");
  const ProfileResult found = lookups().profile(USER);
  EXPECT_EQ(found.call.kind, Kind::Delivered);
  EXPECT_EQ(line.last().path, "/v2/bot/profile/" + USER);
  EXPECT_EQ(found.profile.userId, USER) << "the id that was asked for, whatever the answer says";
  EXPECT_EQ(found.profile.displayName, "愛");
  EXPECT_EQ(found.profile.language, "ja");
  EXPECT_EQ(found.profile.pictureUrl, "https://p");
  EXPECT_EQ(found.profile.statusMessage, "hi");
}

TEST_F(LineLookupsTest, AnUnknownProfileIsA404) {
  line.answer(404, R"({"message":"Not found"})");
  const ProfileResult missing = lookups().profile(USER);
  EXPECT_EQ(missing.call.kind, Kind::Refused);
  EXPECT_EQ(missing.call.httpStatus, 404);
  EXPECT_EQ(missing.profile.displayName, "");
}

TEST_F(LineLookupsTest, ASenderIsAskedForWhereItWrote) {
  const struct {
    EventSource source;
    std::string path;
  } cases[] = {{{EventSource::Kind::User, USER, "", ""}, "/v2/bot/profile/" + USER},
               {{EventSource::Kind::Group, USER, GROUP, ""}, "/v2/bot/group/" + GROUP + "/member/" + USER},
               {{EventSource::Kind::Room, USER, "", ROOM}, "/v2/bot/room/" + ROOM + "/member/" + USER}};
  for (const auto& item : cases) {
    line.answer(200, R"({"displayName":"A","userId":"U1"})");
    const ProfileResult found = lookups().sender(item.source);
    EXPECT_EQ(found.call.kind, Kind::Delivered) << found.call.detail;
    EXPECT_EQ(line.last().path, item.path);
  }
  const size_t before = line.calls();
  EXPECT_EQ(lookups().sender({EventSource::Kind::Group, "", GROUP, ""}).call.kind, Kind::Refused) << "nobody is named";
  EXPECT_EQ(lookups().sender({}).call.kind, Kind::Refused);
  EXPECT_EQ(line.calls(), before);
}

TEST_F(LineLookupsTest, GroupSummaryAndCountsAreRead) {
  line.answer(200, R"({"groupId":"C1","groupName":"家族","pictureUrl":"https://g"})");
  const GroupSummaryResult group = lookups().groupSummary(GROUP);
  EXPECT_EQ(group.summary.groupName, "家族");
  EXPECT_EQ(group.summary.groupId, GROUP);
  EXPECT_EQ(line.last().path, "/v2/bot/group/" + GROUP + "/summary");
  line.answer(200, R"({"count":3})");
  EXPECT_EQ(lookups().memberCount(GROUP).count, 3);
  EXPECT_EQ(line.last().path, "/v2/bot/group/" + GROUP + "/members/count");
  line.answer(200, R"({"count":-5})");
  const CountResult room = lookups().memberCount(ROOM);
  EXPECT_EQ(room.count, 0);
  EXPECT_EQ(line.last().path, "/v2/bot/room/" + ROOM + "/members/count");
}

TEST_F(LineLookupsTest, QuotaIsLimitedOrNot) {
  line.answer(200, R"({"type":"limited","value":200})");
  const QuotaResult limited = lookups().quota();
  EXPECT_TRUE(limited.limited);
  EXPECT_EQ(limited.value, 200);
  line.answer(200, R"({"type":"none"})");
  EXPECT_FALSE(lookups().quota().limited);
  line.answer(200, R"({"totalUsage":199})");
  EXPECT_EQ(lookups().consumption().count, 199);
  line.answer(200, "{}");
  EXPECT_EQ(lookups().consumption().call.kind, Kind::Refused) << "no figure is not zero";
  line.answer(500, "{}");
  EXPECT_EQ(lookups().quota().call.kind, Kind::ServerError);
}

TEST_F(LineLookupsTest, IdsThatAreNoneNeverReachAUrl) {
  for (const std::string& id : {std::string(), std::string("../info"), USER + "/x", USER.substr(1), GROUP + "?"}) {
    EXPECT_EQ(lookups().profile(id).call.kind, Kind::Refused) << id;
    EXPECT_EQ(lookups().groupMember(id, USER).call.kind, Kind::Refused) << id;
    EXPECT_EQ(lookups().groupMember(GROUP, id).call.kind, Kind::Refused) << id;
    EXPECT_EQ(lookups().roomMember(id, USER).call.kind, Kind::Refused) << id;
    EXPECT_EQ(lookups().groupSummary(id).call.kind, Kind::Refused) << id;
    EXPECT_EQ(lookups().memberCount(id).call.kind, Kind::Refused) << id;
    EXPECT_EQ(helpers().leave(id).kind, Kind::Refused) << id;
    EXPECT_EQ(helpers().startLoading(id).kind, Kind::Refused) << id;
  }
  EXPECT_EQ(lookups().profile(GROUP).call.kind, Kind::Refused) << "another kind of id";
  EXPECT_EQ(line.calls(), 0U);
}

TEST_F(LineLookupsTest, LongNamesAreCutOnACharacter) {
  std::string name;
  while (name.size() < 5000) name += "名";
  line.answer(200, json{{"displayName", name}}.dump());
  const std::string found = lookups().profile(USER).profile.displayName;
  EXPECT_EQ(found.size(), 1023U);
}

TEST_F(LineLookupsTest, TheLoadingAnimationTakesStepsOfFive) {
  const std::pair<int, int> cases[] = {{-1, 5}, {5, 5}, {6, 10}, {20, 20}, {58, 60}, {1000, 60}, {2147483647, 60}};
  for (const auto& [asked, sent] : cases) {
    line.answer(202, "{}");
    EXPECT_EQ(helpers().startLoading(USER, asked).kind, Kind::Delivered);
    EXPECT_EQ(json::parse(line.last().body), (json{{"chatId", USER}, {"loadingSeconds", sent}}));
  }
  EXPECT_EQ(helpers().startLoading(GROUP).kind, Kind::Refused) << "LINE shows it in 1:1 chats only";
}

TEST_F(LineLookupsTest, MarkAsReadSendsItsToken) {
  line.answer(200, "");
  EXPECT_EQ(helpers().markAsRead("to\"ken").kind, Kind::Delivered);
  EXPECT_EQ(line.last().path, "/v2/bot/chat/markAsRead");
  EXPECT_EQ(json::parse(line.last().body), (json{{"markAsReadToken", "to\"ken"}}));
  EXPECT_EQ(helpers().markAsRead("").kind, Kind::Refused);
  EXPECT_EQ(line.calls(), 1U);
}

TEST_F(LineLookupsTest, LeavingNamesTheChat) {
  line.answer(200, "{}");
  EXPECT_EQ(helpers().leave(GROUP).kind, Kind::Delivered);
  EXPECT_EQ(line.last().path, "/v2/bot/group/" + GROUP + "/leave");
  EXPECT_EQ(line.last().body, "");
  line.answer(200, "");
  EXPECT_EQ(helpers().leave(ROOM).kind, Kind::Delivered);
  EXPECT_EQ(line.last().path, "/v2/bot/room/" + ROOM + "/leave");
}

TEST_F(LineLookupsTest, ACancelledTokenAsksNothing) {
  net::CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(lookups().profile(USER, &cancel).call.kind, Kind::Cancelled);
  EXPECT_EQ(helpers().leave(GROUP, &cancel).kind, Kind::Cancelled);
  EXPECT_EQ(line.calls(), 0U);
}

}  // namespace
}  // namespace tsunagi::line
