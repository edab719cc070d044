// Messages that are no text: stickers and places go in as words, the rest gets one sentence alone, silence in groups.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

class KindsTest : public testing::Test {
 protected:
  json message(const json& content) { return {{"user", "ann"}, {"message", content}}; }
  const json sticker{{"type", "sticker"},
                     {"packageId", "446"},
                     {"stickerId", "1988"},
                     {"stickerResourceType", "STATIC"},
                     {"keywords", {"cheers", "beer"}}};
  Talk chain;
};

TEST_F(KindsTest, StickersAndPlacesAreWords) {
  chain.start();
  EXPECT_EQ(chain.awaitAnswer(chain.happen(message(sticker))), R"({"sticker":["cheers","beer"]})");
  EXPECT_EQ(chain.awaitAnswer(chain.happen(message({{"type", "location"},
                                                    {"title", "Station"},
                                                    {"address", "1-1 Kyoto"},
                                                    {"latitude", 35.0},
                                                    {"longitude", 135.5}}))),
            R"({"location":{"title":"Station","address":"1-1 Kyoto","latitude":35.0,"longitude":135.5}})");
}

TEST_F(KindsTest, WhatCannotBeHandledGetsOneSentenceInTheLanguageOfTheBridge) {
  chain.start();
  const std::map<std::string, std::string> sentences{
      {"image", "Sorry, I cannot look at pictures yet. Please tell me in words."},
      {"audio", "Sorry, I cannot listen to voice messages yet. Please type your message."},
      {"video", "Sorry, I cannot watch videos yet. Please tell me in words."},
      {"file", "Sorry, I cannot read this kind of file. Please send plain text or a PDF."}};
  for (const auto& [kind, sentence] : sentences)
    EXPECT_EQ(chain.awaitAnswer(chain.happen(message({{"type", kind}}))), sentence);
  EXPECT_EQ(chain.awaitAnswer(chain.happen(message({{"type", "hologram"}}))),
            "Sorry, I cannot handle this kind of message yet. Please type it.");
  chain.ini["bridge"]["language"] = "ja";
  chain.rewriteBridgeIni();
  EXPECT_NE(chain.awaitAnswer(chain.happen(message({{"type", "image"}}))), sentences.at("image"));
  EXPECT_EQ(chain.timesAsked(), 0);
  EXPECT_EQ(chain.ask("ann", "words then"), "words then") << "nothing of them is brought up";
}

TEST_F(KindsTest, InGroupsThereIsSilence) {
  chain.ini["access"]["mention"] = "off";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  for (const char* kind : {"image", "audio", "video", "file"})
    EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"group", "family"}, {"message", {{"type", kind}}}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"group", "family"}, {"message", sticker}})));
}

}  // namespace
}  // namespace tsunagi::test
