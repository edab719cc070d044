// Each type of event, through relay and bridge: it is kept, changes something and is answered as docs/events.md says.
#include "tests/service/Talk.h"
#include "tests/support/MarkdownTable.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

struct PageRow {
  std::string type;  // "any other" for what no version knows
  bool kept, changes, answered;
};

std::vector<PageRow> pageRows() {
  std::vector<PageRow> rows;
  for (const auto& cells : readTable("events.md", "## Types").rows) {
    const bool named = cells[0].front() == '`';
    rows.push_back({named ? cells[0].substr(1, cells[0].size() - 2) : cells[0], cells[1] == "yes", !cells[2].empty(),
                    cells[3] == "yes"});
  }
  return rows;
}

// In 1:1 and in a group that is allowed, with everything recorded there.
class EventTypesTest : public testing::TestWithParam<PageRow> {
 protected:
  void SetUp() override {
    chain.ini["access"]["record"] = "all";
    chain.ini["access"]["mention"] = "off";
    chain.startAll();
    chain.know("owner", Talk::Role::owner);
    chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann"}}, {"quiet", true}});
    chain.askInGroup("owner", "/allow");
    EXPECT_TRUE(chain.silent(chain.change("groups", {{"group", "family"}, {"add", {"ben"}}}).at(0)));
    said = chain.inGroup("ann", "said before");
    chain.awaitReply(said);
    chain.send("ann", "/whoami");
    chain.awaitSettled();
  }
  std::string words() {
    return chain.lookUp(
        "SELECT group_concat(message_id||message_type||content) FROM line_messages WHERE is_from_bot=0");
  }
  std::string knowledge() {
    return words() + chain.lookUp("SELECT group_concat(line_user_id||coalesce(is_friend,'-')) FROM channel_users") +
           chain.lookUp("SELECT group_concat(line_group_id||is_active) FROM line_groups") +
           chain.lookUp("SELECT group_concat(line_user_id||coalesce(left_at,'-')) FROM group_members");
  }
  // Makes events of that type happen, in each kind of place LINE sends them in.
  std::vector<std::string> make(const std::string& type) {
    const std::string messageId = chain.messageIdOf(said);
    if (type == "message") return {chain.send("ann", "hello"), chain.inGroup("ann", "hello")};
    if (type == "messageEdited")
      return chain.change("edit", {{"messageId", messageId}, {"user", "ann"}, {"group", "family"}, {"text", "anew"}});
    if (type == "unsend") return chain.change("unsend", {{"messageId", messageId}});
    if (type == "follow") return chain.change("users", {{"user", "new friend"}, {"friend", true}});
    if (type == "unfollow") return chain.change("users", {{"user", "ann"}, {"blocked", true}});
    if (type == "join") return chain.change("groups", {{"group", "another"}, {"add", {"ben"}}, {"bot", true}});
    if (type == "leave") return chain.change("groups", {{"group", "family"}, {"bot", false}});
    if (type == "memberJoined") return chain.change("groups", {{"group", "family"}, {"add", {"carl"}}});
    if (type == "memberLeft") return chain.change("groups", {{"group", "family"}, {"remove", {"ben"}}});
    static const std::map<std::string, json> OTHERS{
        {"postback", {{"postback", {{"data", "x=1"}, {"params", {{"date", "2026-01-01"}}}}}}},
        {"videoPlayComplete", {{"videoPlayComplete", {{"trackingId", "t"}}}}},
        {"beacon", {{"beacon", {{"hwid", "d41d8cd98f"}, {"type", "enter"}, {"dm", "00ff"}}}}},
        {"accountLink", {{"link", {{"result", "ok"}, {"nonce", "n"}}}}},
        {"membership", {{"membership", {{"type", "joined"}, {"membershipId", 3189000000000}}}}},
        {"delivery", {{"delivery", {{"data", "x"}}}}},
        {"module", {{"module", {{"type", "attached"}, {"botId", "U1"}, {"scopes", {"message:send"}}}}}},
        {"activated", {{"chatControl", {{"expireAt", 1}}}}},
        {"deactivated", json::object()},
        {"botSuspended", json::object()},
        {"botResumed", json::object()},
        {"things", {{"things", {{"deviceId", "t1"}, {"type", "link"}}}}},
        {"any other", {{"somethingNew", {{"a", {1, 2, {{"b", nullptr}}}}}}}}};
    const json event{{"user", "ann"}, {"type", type == "any other" ? "somethingNew" : type}, {"with", OTHERS.at(type)}};
    if (type == "delivery" || type == "module") {
      json nowhere = event;
      nowhere["sourceless"] = true;
      return {chain.happen(nowhere)};
    }
    if (type == "postback") return {chain.happen(event)};  // in groups a button that is not the bot's is ignored
    json inGroup = event;
    inGroup["group"] = "family";
    return {chain.happen(event), chain.happen(inGroup)};
  }

  Talk chain;
  std::string said;
};

TEST_P(EventTypesTest, IsDoneWithAsThePageSays) {
  const PageRow& row = GetParam();
  const std::string wordsBefore = words(), before = knowledge();
  const std::vector<std::string> events = make(row.type);
  ASSERT_FALSE(events.empty());
  for (const std::string& id : events) {
    if (row.answered) chain.awaitReply(id);
    EXPECT_EQ(!chain.silent(id), row.answered);
    EXPECT_EQ(chain.lookUp("SELECT type FROM inbox WHERE event_key='w:" + id + ":'"),
              row.type == "any other" ? "somethingNew" : row.type);
    EXPECT_EQ(chain.lookUp("SELECT state||coalesce(body,'') FROM inbox WHERE event_key='w:" + id + ":'"), "done");
  }
  EXPECT_EQ(knowledge() != before, row.kept || row.changes) << before << "\n" << knowledge();
  EXPECT_EQ(words() != wordsBefore, row.kept || row.type == "unsend");
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("failed"), 0);
  EXPECT_EQ(chain.timesAsked(), row.type == "message" ? 3 : 1);
}

INSTANTIATE_TEST_SUITE_P(Page, EventTypesTest, testing::ValuesIn(pageRows()), [](const auto& row) {
  return row.param.type == "any other" ? std::string("anyOther") : row.param.type;
});

}  // namespace
}  // namespace tsunagi::test
