// Who may talk: pairing is offered once a day, codes are made by the command line, and who guesses is locked out.
#include "tests/service/Talk.h"
#include "tests/support/ProgramPaths.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class PairingTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["access"]["users"] = "paired";
    chain.start();
  }
  json makeCode(const std::string& role) {
    const ProcessResult made =
        runProcess(programPath("tsunagi-bridge"),
                   {.arguments = {"--config", chain.bridgeIni(), "code", "--role", role, "--json"}});
    EXPECT_EQ(made.status.code, 0) << made.error;
    return json::parse(made.output);
  }
  std::string code(const std::string& role) { return makeCode(role).at("code"); }
  Talk chain;
};

TEST_F(PairingTest, AStrangerIsOfferedPairingOnceADay) {
  EXPECT_EQ(chain.ask("ann", "hello"), "There is no owner yet. Please send the code that the set-up page shows.");
  EXPECT_TRUE(chain.silent(chain.send("ann", "hello?")));
  chain.know("owner", Talk::Role::owner);
  EXPECT_EQ(chain.ask("ben", "hello"),
            "This account is for invited people. Please ask its owner for a pairing code and send the code here.");
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(PairingTest, ACodeTypedAsItIsOrWithTheCommandMakesOneWhatItWasMadeFor) {
  const json made = makeCode("owner");
  EXPECT_EQ(made.at("role"), "owner");
  EXPECT_THAT(made.at("link").get<std::string>(), HasSubstr("https://line.me/R/oaMessage/%40linesim/?"));
  EXPECT_EQ(chain.ask("ann", made.at("code")), "You are paired (owner). You can start right away.");
  EXPECT_EQ(chain.ask("ann", "hello"), "hello");
  EXPECT_EQ(chain.ask("ann", "/whoami"), "You are ann (owner).");
  std::string typed = code("guest");
  for (char& c : typed)
    if (c == '-') c = ' ';
  EXPECT_EQ(chain.ask("ben", "/pair " + typed), "You are paired (guest). You can start right away.");
}

TEST_F(PairingTest, ACodeWorksOnce) {
  const std::string once = code("member");
  EXPECT_THAT(chain.ask("ann", once), HasSubstr("You are paired (member)"));
  EXPECT_EQ(chain.ask("ben", once), "That code is wrong or has expired. Please check it and send it again.");
}

TEST_F(PairingTest, ARoleGoesUpByACodeAndNeverDown) {
  EXPECT_THAT(chain.ask("ann", code("member")), HasSubstr("(member)"));
  EXPECT_THAT(chain.ask("ann", "/pair " + code("owner")), HasSubstr("(owner)"));
  EXPECT_THAT(chain.ask("ann", "/pair " + code("guest")), HasSubstr("(owner)"));
  EXPECT_EQ(chain.ask("ann", "/whoami"), "You are ann (owner).");
}

TEST_F(PairingTest, FiveWrongCodesLockTheGuesserAlone) {
  for (int i = 0; i < 5; ++i)
    EXPECT_THAT(chain.ask("eve", "/pair 2345-678" + std::to_string(i)), HasSubstr("That code is wrong"));
  EXPECT_EQ(chain.ask("eve", "/pair " + code("owner")), "Too many wrong codes. Please try again in an hour.");
  EXPECT_THAT(chain.ask("ann", code("member")), HasSubstr("You are paired (member)"));
}

TEST_F(PairingTest, TwentyWrongCodesCancelAllThatAreOpen) {
  const std::string open = code("owner");
  for (int i = 0; i < 20; ++i) chain.ask("eve" + std::to_string(i / 4), "/pair 2345-67" + std::to_string(10 + i));
  EXPECT_THAT(chain.ask("ann", open), HasSubstr("That code is wrong"));
  EXPECT_THAT(chain.ask("ann", code("member")), HasSubstr("You are paired (member)"));
}

TEST_F(PairingTest, InAGroupACodeIsNotUsed) {
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  const std::string open = code("member");
  EXPECT_EQ(chain.askInGroup("ann", "/pair " + open),
            "Codes do not work in groups. Please send it to me in a 1:1 chat.");
  EXPECT_THAT(chain.ask("ann", open), HasSubstr("You are paired (member)"));
}

TEST_F(PairingTest, UnpairEndsItButNotForTheLastOwner) {
  chain.ask("ann", code("owner"));
  chain.ask("ben", code("member"));
  EXPECT_THAT(chain.ask("ann", "/unpair"), HasSubstr("You are the last owner"));
  EXPECT_EQ(chain.ask("ben", "/unpair"), "Your pairing is ended. To come back you need a new code.");
  EXPECT_THAT(chain.ask("ben", "hello"), HasSubstr("This account is for invited people"));
  chain.block("ben");
  EXPECT_TRUE(chain.silent(chain.send("ben", "hello"))) << "blocked people hear nothing";
  EXPECT_TRUE(chain.silent(chain.send("ben", "/pair " + code("owner"))));
}

TEST_F(PairingTest, WhereEverybodyMayTalkACodeOnlyNeedsTheCommand) {
  chain.ini["access"]["users"] = "everyone";
  chain.rewriteBridgeIni();
  const std::string open = code("owner");
  EXPECT_EQ(chain.ask("ann", open), open) << "a message like any other";
  EXPECT_THAT(chain.ask("ann", "/pair " + open), HasSubstr("(owner)"));
}

}  // namespace
}  // namespace tsunagi::test
