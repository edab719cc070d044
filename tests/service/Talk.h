#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sql/Database.h"
#include "tests/support/Chain.h"

namespace tsunagi::test {

// Simulator and bridge for the scenarios of a conversation: the bridge speaks English, takes webhooks directly (unless
// started by startAll()) and asks the plugin "witness", which answers like echo, writes down what it was asked, and
// waits while the test holds it.
class Talk : public Chain {
 public:
  explicit Talk(Options options = {}) : Chain(std::move(options)) {
    std::filesystem::create_directory(folder.file("witness"));
    ini["bridge"]["language"] = "en";
    ini["bridge"]["responder"] = "main";
    ini["responder.main"] = {{"plugin", "witness"}, {"folder", folder.file("witness")}};
  }

  void start() {
    startLinesim();
    ini["direct"]["listen"] = "127.0.0.1:0";
    startBridge();
    pointAtBridge();
  }
  // After a restart too: the port is another one.
  void pointAtBridge() {
    control("POST", "/control/webhook-url", {{"url", "http://" + bridgeEndpoint("direct") + "/api/linebot/webhook"}});
  }

  // --- what people do; each gives the webhookEventId ---
  std::string happen(const nlohmann::json& event) {
    return control("POST", "/control/events", event).at("events").at(0);
  }
  std::string inGroup(const std::string& user, const std::string& text,
                      nlohmann::json more = nlohmann::json::object()) {
    more.update({{"user", user}, {"group", "family"}, {"text", text}});
    return happen(more);
  }
  // Joins, leaves, friendships: answers the events' ids.
  std::vector<std::string> change(const std::string& what, const nlohmann::json& change) {
    return control("POST", "/control/" + what, change).at("events");
  }
  std::string tap(const std::string& user, const std::string& botMessageId) {
    return control("POST", "/control/tap",
                   {{"user", user}, {"messageId", botMessageId}, {"action", "/template/actions/0"}})
        .at("events")
        .at(0);
  }
  std::string messageIdOf(const std::string& eventId) { return event(eventId).at("messageId"); }

  // --- what the bridge does about it ---
  // The texts of the answer to an event.
  std::vector<std::string> said(const std::string& eventId) {
    return awaitReply(eventId).at("answers").at(0).at("texts").get<std::vector<std::string>>();
  }
  // The messages as they were sent to LINE.
  nlohmann::json sent(const std::string& eventId) { return awaitReply(eventId).at("answers").at(0).at("messages"); }
  std::string sentId(const std::string& eventId, size_t message = 0) {
    return awaitReply(eventId).at("answers").at(0).at("messageIds").at(message);
  }
  // What the bridge has taken by now is older than that afterwards: a reply token of such a life is dead.
  static void outlive(std::chrono::milliseconds life) {
    const auto end = std::chrono::steady_clock::now() + life;
    ASSERT_TRUE(eventually([&] { return std::chrono::steady_clock::now() > end; }));
  }
  // The event is done with and nothing was said about it.
  bool silent(const std::string& eventId) {
    awaitAccepted(eventId);
    awaitSettled();
    return !event(eventId).at("answered").get<bool>();
  }
  std::string askInGroup(const std::string& user, const std::string& text,
                         const nlohmann::json& more = nlohmann::json::object()) {
    return awaitAnswer(inGroup(user, text, more));
  }

  // --- the responder ---
  // Answers wait, or those to a message that has these words.
  void hold(const std::string& words = "") { folder.write("witness/hold", words); }
  void release() { std::filesystem::remove(folder.file("witness/hold")); }
  // The nth request since the test began, from 1: a line "role: text" for each message; waits for it.
  std::string asked(int number) {
    const std::string name = "witness/asked-" + std::to_string(number);
    if (!eventually([&] { return folder.exists(name); })) {
      ADD_FAILURE() << "the responder was not asked " << number << " times";
      return "";
    }
    return folder.read(name);
  }
  // Without the system prompt.
  std::string talkOf(int number) {
    std::string all;
    std::istringstream lines(asked(number));
    for (std::string line; std::getline(lines, line);)
      if (line.rfind("system: ", 0) != 0) all += line + "\n";
    return all;
  }
  int timesAsked() const {
    int count = 0;
    while (folder.exists("witness/asked-" + std::to_string(count + 1))) ++count;
    return count;
  }

  // --- who is who ---
  enum class Role { guest, member, owner };
  // As if that person had used a code: for scenarios that are not about codes.
  void know(const std::string& user, Role role) { decide(user, 1, static_cast<int>(role)); }
  void block(const std::string& user) { decide(user, 2, 0); }
  std::string lineId(const std::string& user) {
    const nlohmann::json people = control("GET", "/control/people");
    for (const auto& person : people.at("users"))
      if (person.at("user") == user) return person.at("userId");
    return "";
  }
  sql::Database store() { return sql::Database(storeFile()); }
  std::string storeFile() const { return folder.file("bridge/bridge.db"); }
  // The first column of the first row; "" when there is none.
  std::string lookUp(const std::string& statement) {
    sql::Database database(storeFile());
    auto query = database.query(statement);
    return query.step() ? query.text(0) : "";
  }

 private:
  void decide(const std::string& user, int state, int role) {
    if (lineId(user).empty()) change("users", {{"user", user}, {"quiet", true}});
    if (lookUp("SELECT id FROM channels").empty()) {  // until the first webhook tells the bot's id
      control("POST", "/control/verify", nlohmann::json::object());
      if (!eventually([&] { return !lookUp("SELECT id FROM channels").empty(); }))
        throw std::runtime_error("no channel");
    }
    sql::Database database(storeFile());
    database.query("INSERT OR IGNORE INTO line_users(line_user_id,created_at,updated_at) VALUES(?,1,1)")
        .bind(lineId(user))
        .run();
    database
        .query(
            "INSERT INTO channel_users(channel_id,line_user_id,state,role,created_at,updated_at) SELECT "
            "c.id,u.id,?,?,1,"
            "1 FROM channels c, line_users u WHERE u.line_user_id=? ON CONFLICT DO UPDATE SET state=excluded.state,"
            "role=excluded.role")
        .bind(int64_t{state})
        .bind(int64_t{role})
        .bind(lineId(user))
        .run();
  }
};

}  // namespace tsunagi::test
