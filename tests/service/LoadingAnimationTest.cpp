// While an answer takes its time, the chat of one person shows the loading animation; groups have none.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

class LoadingAnimationTest : public testing::Test {
 protected:
  size_t animations() {
    size_t count = 0;
    const nlohmann::json ledger = chain.control("GET", "/control/ledger?limit=5000");
    for (const auto& entry : ledger.at("entries")) count += entry.at("kind") == "loading" ? 1 : 0;
    return count;
  }
  Talk chain;
};

TEST_F(LoadingAnimationTest, IsShownWhileTheAnswerIsMade) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think");
  EXPECT_TRUE(eventually([&] { return animations() == 1; }));
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(question), "think");
}

TEST_F(LoadingAnimationTest, NotInGroupsAndNotWhenItIsTurnedOff) {
  chain.ini["access"]["prefixes"] = "bot";
  chain.ini["reply"]["button_at"] = "1s";  // far behind the moment an animation begins
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  chain.hold();
  const std::string inGroup = chain.inGroup("ann", "bot think");
  chain.asked(1);
  chain.ini["reply"]["loading"] = "no";
  chain.rewriteBridgeIni();
  const std::string alone = chain.send("ann", "think");
  chain.awaitReply(alone);  // the button
  EXPECT_EQ(animations(), 0u);
  chain.release();
  chain.awaitReply(inGroup);
  EXPECT_EQ(animations(), 0u);
}

TEST_F(LoadingAnimationTest, ItsFailureHarmsNothing) {
  chain.start();
  chain.control("POST", "/control/faults", {{"next", {{{"endpoint", "loading"}, {"status", 500}, {"count", 5}}}}});
  chain.hold();
  const std::string question = chain.send("ann", "think");
  chain.asked(1);
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(question), "think");
}

}  // namespace
}  // namespace tsunagi::test
