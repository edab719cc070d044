// A group bound to a project: its prompt, its responder, its model; and only for whom that responder is.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ProjectsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(chain.folder.file("big"));
    chain.ini["responder.big"] = {
        {"plugin", "witness"}, {"folder", chain.folder.file("big")}, {"answer", "from the big one"}};
    chain.ini["access"]["prefixes"] = "bot";
    chain.ini["reply"]["prompt"] = "You are the family's bot.";
    chain.start();
    chain.know("owner", Talk::Role::owner);
    chain.askInGroup("owner", "/allow");
  }
  void project(std::vector<std::string> words) {
    words.insert(words.begin(), {"project", "set"});
    const ProcessResult done = chain.bridgeCommand(std::move(words));
    ASSERT_EQ(done.status.code, 0) << done.error;
  }
  // The first request that the responder of the project got.
  std::string askedOfBig() {
    EXPECT_TRUE(eventually([&] { return chain.folder.exists("big/asked-1"); }));
    return chain.folder.read("big/asked-1");
  }
  Talk chain;
};

TEST_F(ProjectsTest, TheOwnerBindsAGroupAndSeesTheBinding) {
  EXPECT_EQ(chain.askInGroup("owner", "/project"), "No project is set.");
  EXPECT_EQ(chain.askInGroup("owner", "/project garden"), "There is no project garden.");
  project({"garden", "--prompt", "You know plants."});
  EXPECT_EQ(chain.askInGroup("ann", "/project garden"), "Only the owner can do that.");
  EXPECT_EQ(chain.askInGroup("owner", "/project Garden"), "The project is now garden.");
  EXPECT_EQ(chain.askInGroup("owner", "/project"), "Project: garden");
  EXPECT_EQ(chain.ask("owner", "/project garden"), "That works only in a group.");
  EXPECT_EQ(chain.askInGroup("owner", "/project none"), "No project is set.");
  EXPECT_EQ(chain.askInGroup("owner", "/project"), "No project is set.");
}

TEST_F(ProjectsTest, ItsPromptIsUsedThereAndNowhereElse) {
  project({"garden", "--prompt", "You know plants."});
  chain.askInGroup("owner", "/project garden");
  chain.askInGroup("ann", "bot hello");
  EXPECT_THAT(chain.asked(1), AllOf(HasSubstr("You know plants."), Not(HasSubstr("family's bot"))));
  chain.ask("ann", "hello");
  EXPECT_THAT(chain.asked(2), AllOf(HasSubstr("family's bot"), Not(HasSubstr("plants"))));
  project({"garden", "--prompt", "You know trees."});
  chain.askInGroup("ann", "bot hello");
  EXPECT_THAT(chain.asked(3), HasSubstr("You know trees.")) << "a change counts for the next question";
}

TEST_F(ProjectsTest, ItsResponderAnswersWithItsModelUntilTheOwnerChoosesAnother) {
  project({"garden", "--responder", "big", "--model", "small"});
  chain.askInGroup("owner", "/project garden");
  EXPECT_EQ(chain.askInGroup("ann", "bot hello"), "from the big one");
  EXPECT_THAT(askedOfBig(), StartsWith("model: small\n"));
  EXPECT_EQ(chain.timesAsked(), 0) << "the bridge's own responder";
  EXPECT_THAT(chain.askInGroup("owner", "/model"), StartsWith("Model in use: small\n"));
  chain.askInGroup("owner", "/model large");
  chain.askInGroup("ann", "bot again");
  EXPECT_THAT(chain.folder.read("big/asked-2"), StartsWith("model: Large\n"));
  EXPECT_EQ(chain.ask("ann", "alone"), "alone") << "1:1 has no project";
  EXPECT_THAT(chain.asked(1), Not(HasSubstr("model: ")));
}

// S1: who may not use a responder does not reach it through a project either.
TEST_F(ProjectsTest, AResponderIsNoNearerByAProject) {
  chain.ini["responder.big"]["min_role"] = "owner";
  chain.rewriteBridgeIni();
  project({"garden", "--responder", "big"});
  chain.askInGroup("owner", "/project garden");
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "bot rm -rf?")));
  EXPECT_TRUE(chain.silent(chain.inGroup("owner", "bot even for me"))) << "everyone's words are in that group";
  EXPECT_FALSE(chain.folder.exists("big/asked-1"));
  EXPECT_EQ(chain.timesAsked(), 0) << "no other one answers in its place";
  chain.askInGroup("owner", "/allow paired");
  EXPECT_TRUE(chain.silent(chain.inGroup("owner", "bot among us"))) << "others wrote in this session";
  EXPECT_EQ(chain.askInGroup("owner", "/new among us"), "from the big one");
}

TEST_F(ProjectsTest, AResponderThatIsGoneLeavesTheGroupSilentAndTheLogSaysWhy) {
  project({"garden", "--responder", "big"});
  chain.askInGroup("owner", "/project garden");
  chain.ini.erase("responder.big");
  chain.rewriteBridgeIni();
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "bot hello")));
  EXPECT_THAT(chain.bridge().waitForLine("wants the responder big"), HasSubstr("project garden"));
  const ProcessResult refused = chain.bridgeCommand({"project", "set", "other", "--responder", "big"});
  EXPECT_EQ(refused.status.code, 64);
  EXPECT_THAT(refused.error, HasSubstr("there is no section [responder.big]"));
}

TEST_F(ProjectsTest, AResponderThatOnlyAProjectNamesDoesNotStopTheBridgeWhenItIsWrong) {
  chain.ini["responder.big"]["repeat"] = "many";
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.ask("ann", "still here"), "still here");
  EXPECT_TRUE(eventually(
      [&] { return chain.bridgeStatus().at("problems").dump().find("[responder.big]") != std::string::npos; }));
}

}  // namespace
}  // namespace tsunagi::test
