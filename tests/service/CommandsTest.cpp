// Commands typed in LINE: who may use which, what they do, and what is no command.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CommandsTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.start();
    chain.know("owner", Talk::Role::owner);
    chain.know("mia", Talk::Role::member);
  }
  void speak(const std::string& language) {
    chain.ini["bridge"]["language"] = language;
    chain.rewriteBridgeIni();
  }
  Talk chain;
};

TEST_F(CommandsTest, HelpListsWhatOneMayUseAndNoMore) {
  EXPECT_THAT(chain.ask("guest", "/help"), AllOf(HasSubstr("/new"), HasSubstr("/stop"), HasSubstr("/forget"),
                                                 Not(HasSubstr("/status")), Not(HasSubstr("/pause"))));
  EXPECT_THAT(chain.ask("mia", "/help"), AllOf(HasSubstr("/status"), HasSubstr("/unpair"), Not(HasSubstr("/pause"))));
  EXPECT_THAT(chain.ask("owner", "/help"), AllOf(HasSubstr("/pause [1h]"), HasSubstr("/model [name]"),
                                                 HasSubstr("/quota"), Not(HasSubstr("/allow"))));
  EXPECT_THAT(chain.askInGroup("owner", "/help"),
              AllOf(HasSubstr("/allow"), HasSubstr("/deny"), Not(HasSubstr("/pair"))));
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(CommandsTest, WhatOneMayNotUseIsRefusedWithTheReason) {
  EXPECT_EQ(chain.ask("mia", "/pause"), "Only the owner can do that.");
  EXPECT_EQ(chain.ask("guest", "/status"), "Only members and owners can do that.");
  EXPECT_EQ(chain.ask("owner", "/allow"), "That works only in a group.");
  EXPECT_THAT(chain.askInGroup("owner", "/allow"), HasSubstr("I may answer in this group now"));
  EXPECT_EQ(chain.askInGroup("owner", "/unpair"), "That works only in a 1:1 chat with me.");
}

TEST_F(CommandsTest, NewForgetsWhatWasSaid) {
  chain.ask("mia", "my cat is called Tama");
  EXPECT_EQ(chain.ask("mia", "/new"), "A new topic, then. Go ahead.");
  EXPECT_EQ(chain.ask("mia", "what is it called?"), "what is it called?");
  EXPECT_EQ(chain.talkOf(2), "user: what is it called?\n");
}

TEST_F(CommandsTest, NewWithATextAsksItWithoutWhatWasSaid) {
  chain.ask("mia", "my cat is called Tama");
  const std::string question = std::string(1000, 'q') + "\nwhat is it called?";
  EXPECT_EQ(chain.ask("mia", "/new " + question), question);
  EXPECT_EQ(chain.talkOf(2), "user: " + std::string(1000, 'q') + " | what is it called?\n");
  EXPECT_EQ(chain.ask("mia", "／新對話　and now?"), "and now?");
  EXPECT_EQ(chain.ask("mia", "thanks"), "thanks");
  EXPECT_EQ(chain.talkOf(4), "user: and now?\nassistant: and now?\nuser: thanks\n");
}

TEST_F(CommandsTest, NewWithATextInAGroupNeedsNoMention) {
  chain.askInGroup("owner", "/allow");
  EXPECT_THAT(chain.askInGroup("mia", "/new who is here?"), HasSubstr("who is here?"));
  EXPECT_EQ(chain.talkOf(1), "user: {\"from\":\"mia\",\"text\":\"who is here?\"}\n");
  EXPECT_TRUE(chain.silent(chain.inGroup("mia", "/new and me?", {{"anonymous", true}})));
}

TEST_F(CommandsTest, NewWithATextSurvivesAKillInTheMiddle) {
  chain.ask("mia", "my cat is called Tama");
  chain.hold();
  const std::string question = chain.send("mia", "/new what is it called?");
  chain.asked(2);
  chain.killBridge();
  chain.release();
  chain.startBridge();
  chain.pointAtBridge();
  EXPECT_EQ(chain.awaitAnswer(question), "what is it called?");
  chain.ask("mia", "thanks");
  EXPECT_EQ(chain.talkOf(4), "user: what is it called?\nassistant: what is it called?\nuser: thanks\n");
}

TEST_F(CommandsTest, StopEndsTheAnswerUnderWayAndTheQuestionIsNotAskedAgain) {
  EXPECT_EQ(chain.ask("mia", "/stop"), "There is nothing to stop right now.");
  chain.hold();
  const std::string question = chain.send("mia", "count to a million");
  chain.asked(1);
  EXPECT_EQ(chain.ask("mia", "/stop"), "Stopped.");
  EXPECT_FALSE(chain.event(question).at("answered").get<bool>());
  chain.release();
  chain.ask("mia", "hello");
  EXPECT_EQ(chain.talkOf(2), "user: hello\n");
}

TEST_F(CommandsTest, WhoAmITellsNameAndRole) {
  EXPECT_EQ(chain.ask("guest", "/whoami"), "You are not paired yet.");
  chain.ask("mia", "hello");
  EXPECT_EQ(chain.ask("mia", "/whoami"), "You are mia (member).");
}

TEST_F(CommandsTest, StatusTellsWhetherItWorks) { EXPECT_EQ(chain.ask("mia", "/status"), "Everything works (main)."); }

TEST_F(CommandsTest, PauseSilencesTheConversationUntilResume) {
  EXPECT_EQ(chain.ask("owner", "/resume"), "I was not paused.");
  EXPECT_EQ(chain.ask("owner", "/pause 2h"), "I will not answer for 2 h.");
  EXPECT_TRUE(chain.silent(chain.send("owner", "talk to a person")));
  EXPECT_THAT(chain.ask("owner", "/status"), HasSubstr("Paused. I will answer again in 2 h."));
  EXPECT_EQ(chain.ask("mia", "others are answered"), "others are answered");
  EXPECT_EQ(chain.ask("owner", "/resume"), "I am answering again.");
  EXPECT_EQ(chain.ask("owner", "back to the bot"), "back to the bot");
  EXPECT_EQ(chain.ask("owner", "/pause tomorrow"), "Please give a time such as 30m, 1h or 2d, for example: /pause 1h");
}

TEST_F(CommandsTest, ModelShowsAndChooses) {
  EXPECT_EQ(chain.ask("owner", "/model"), "Models to choose from:\nsmall\nLarge");
  EXPECT_EQ(chain.ask("owner", "/model huge"), "There is no model huge.");
  EXPECT_EQ(chain.ask("owner", "/model large"), "The model is now Large.");
  EXPECT_THAT(chain.ask("owner", "/model"), StartsWith("Model in use: Large\n"));
  chain.ask("owner", "hello");
  EXPECT_THAT(chain.asked(1), StartsWith("model: Large\n"));
  chain.ask("mia", "hello");
  EXPECT_THAT(chain.asked(2), Not(HasSubstr("model: "))) << "of that conversation alone";
}

TEST_F(CommandsTest, QuotaTellsTheMonthsMessages) {
  EXPECT_EQ(chain.ask("owner", "/quota"), "LINE messages this month: 0, no limit");
  chain.control("POST", "/control/quota", {{"limit", 200}});
  EXPECT_EQ(chain.ask("owner", "/quota"), "LINE messages this month: 0 of 200");
}

TEST_F(CommandsTest, AnUnknownWordGetsAHintAloneAndSilenceInGroups) {
  EXPECT_EQ(chain.ask("mia", "/dance"), "There is no command /dance. /help lists them.");
  chain.askInGroup("owner", "/allow");
  EXPECT_TRUE(chain.silent(chain.inGroup("mia", "/dance")));
}

TEST_F(CommandsTest, WhatLooksLikeAPathIsAQuestion) {
  EXPECT_EQ(chain.ask("mia", "/etc/hosts what is this?"), "/etc/hosts what is this?");
  EXPECT_EQ(chain.ask("mia", "how do I use /help?"), "how do I use /help?");
}

TEST_F(CommandsTest, AFullWidthSlashAndFullWidthLettersAreTheSame) {
  EXPECT_EQ(chain.ask("mia", "／ＷＨＯＡＭＩ"), "You are mia (member).");
  EXPECT_EQ(chain.ask("owner", "／ｐａｕｓｅ　３０ｍ"), "I will not answer for 30 min.");
}

TEST_F(CommandsTest, EachHasAWordInEachLanguage) {
  enum Where { alone, group };
  struct Said {
    Where where;
    std::string user, what;
    std::vector<std::string> words;  // English, Japanese, Chinese, Thai
    std::string answer;
  };
  // In an order in which each finds something to do.
  const std::vector<Said> all{
      {alone, "owner", "", {"/help", "/ヘルプ", "/說明", "/ช่วยเหลือ"}, "/status"},
      {alone, "owner", "", {"/new", "/新規", "/新對話", "/เริ่มใหม่"}, "A new topic, then."},
      {alone, "owner", "", {"/stop", "/停止", "/停止", "/หยุด"}, "There is nothing to stop right now."},
      {alone, "owner", "", {"/whoami", "/自分", "/我是誰", "/ฉันคือใคร"}, "(owner)"},
      {alone, "stranger", " ABCDEFGH", {"/pair", "/登録", "/配對", "/จับคู่"}, "That code is wrong or has expired."},
      {alone, "mia", "", {"/unpair", "/登録解除", "/解除配對", "/ยกเลิกจับคู่"}, "Your pairing is ended."},
      {alone, "owner", "", {"/forget", "/忘れて", "/忘記", "/ลบข้อมูล"}, "is deleted"},
      {alone, "owner", "", {"/status", "/状態", "/狀態", "/สถานะ"}, "Everything works (main)."},
      {alone, "owner", "", {"/quota", "/送信数", "/用量", "/โควตา"}, "LINE messages this month"},
      {alone, "owner", " small", {"/model", "/モデル", "/模型", "/โมเดล"}, "The model is now small."},
      {alone, "owner", " 2h", {"/pause", "/一時停止", "/暫停", "/พัก"}, "I will not answer for 2 h."},
      {alone, "owner", "", {"/resume", "/再開", "/恢復", "/กลับมาตอบ"}, "I am answering again."},
      {group, "owner", "", {"/allow", "/許可", "/允許", "/อนุญาต"}, "I may answer in this group now."},
      {group, "owner", "", {"/project", "/プロジェクト", "/專案", "/โปรเจกต์"}, "No project is set."},
      {group, "owner", "", {"/deny", "/不許可", "/禁止", "/ไม่อนุญาต"}, "I will stay silent in this group."},
  };
  EXPECT_EQ(all.size(), 15u) << "as many as docs/commands.md has";
  for (size_t language = 0; language < 4; ++language) {
    chain.know("mia", Talk::Role::member);
    for (const Said& one : all) {
      const std::string text = one.words.at(language) + one.what;
      EXPECT_THAT(one.where == alone ? chain.ask(one.user, text) : chain.askInGroup(one.user, text),
                  HasSubstr(one.answer))
          << text;
    }
  }
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(CommandsTest, ItSpeaksTheLanguageOfTheBridgeAndUnderstandsAll) {
  struct Spoken {
    const char *language, *typed, *hint;
  };
  for (const Spoken& one : {Spoken{"ja", "/新規", "/ヘルプ"}, Spoken{"zh-TW", "/新對話", "/說明"},
                            Spoken{"th", "/เริ่มใหม่", "/ช่วยเหลือ"}, Spoken{"en", "/reset", "/help"}}) {
    speak(one.language);
    const std::string answer = chain.ask("mia", one.typed);
    EXPECT_EQ(answer == "A new topic, then. Go ahead.", std::string(one.language) == "en") << answer;
    EXPECT_THAT(chain.ask("mia", "/dance"), AllOf(HasSubstr("/dance"), HasSubstr(one.hint)));
  }
  EXPECT_EQ(chain.ask("mia", "/我是誰"), "You are mia (member).");
  EXPECT_EQ(chain.timesAsked(), 0);
}

}  // namespace
}  // namespace tsunagi::test
