// ./dev run, as its user sees it: one message through the whole chain, and the chain that runs until Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RunChain : public testing::Test {
 protected:
  // A build folder of links to what is tested, so that a test can spoil parts of it.
  RunChain() {
    std::filesystem::create_directories(folder.file("build/bin"));
    for (const char* name : {"tsunagi-linesim", "tsunagi-relay", "tsunagi-bridge"}) link(programPath(name), bin(name));
    link(pluginFolder(), folder.file("build/plugins-out"));
  }
  std::string bin(const std::string& name) const { return folder.file("build/bin/" + name); }
  static void link(const std::string& from, const std::string& to) {
    std::filesystem::remove(to);
    std::filesystem::create_symlink(from, to);
  }
  Process::Options options(std::vector<std::string> more) const {
    more.insert(more.begin(), {folder.file("build"), "--dir", folder.file("run")});
    return {.arguments = std::move(more)};
  }
  ProcessResult once(const std::string& text) const { return runProcess(SCRIPT, options({"--once", text})); }
  pid_t pidOf(const std::string& program) const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      const std::string line((std::istreambuf_iterator<char>(file)), {});
      if (line.rfind(bin(program), 0) == 0) return std::stoi(entry.path().filename());
    }
    return -1;
  }
  void expectNothingLeft() const {
    for (const char* name : {"tsunagi-linesim", "tsunagi-relay", "tsunagi-bridge"}) EXPECT_EQ(pidOf(name), -1) << name;
  }

  const std::string SCRIPT = TSUNAGI_TEST_DATA_DIR "/../../tools/run-chain.sh";
  TempFolder folder;
};

TEST_F(RunChain, OneMessageGoesThroughAndEveryHopIsTold) {
  const ProcessResult result = once("hello つなぎ");
  EXPECT_EQ(result.status.code, 0) << result.error;
  EXPECT_EQ(result.output, "hello つなぎ\n");
  for (const char* hop :
       {"LINE to relay", "relay to bridge", "bridge: signature", "responder", "sent to LINE", "in all"})
    EXPECT_THAT(result.error, testing::ContainsRegex("[0-9] ms  .*" + std::string(hop)));
  expectNothingLeft();
}

TEST_F(RunChain, AProgramThatDoesNotStartIsNamed) {
  link("/bin/false", bin("tsunagi-bridge"));
  const ProcessResult result = once("hello");
  EXPECT_EQ(result.status.code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.error, HasSubstr("failed while starting bridge: it ended"));
  expectNothingLeft();
}

TEST_F(RunChain, AMissingResponderIsNamed) {
  std::filesystem::remove(folder.file("build/plugins-out"));
  std::filesystem::create_directory(folder.file("build/plugins-out"));
  const ProcessResult result = once("hello");
  EXPECT_EQ(result.status.code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.error, AllOf(HasSubstr("failed while waiting until the bridge is ready"), HasSubstr("echo")));
  expectNothingLeft();
}

TEST_F(RunChain, CtrlCStopsAllThree) {
  Process run(SCRIPT, options({}));
  EXPECT_THAT(run.waitForLine("Chat page"), HasSubstr("http://127.0.0.1:"));
  run.waitForLine("Ctrl-C stops everything.");
  ASSERT_NE(pidOf("tsunagi-bridge"), -1);
  ASSERT_EQ(::kill(-run.pid(), SIGINT), 0);  // as a terminal does: to all in the foreground
  EXPECT_EQ(run.wait().code, 0) << run.standardError();
  EXPECT_THAT(run.standardError(), AllOf(HasSubstr("stopped"), Not(HasSubstr("exit code"))));
  expectNothingLeft();
}

TEST_F(RunChain, TheEndOfOneProgramIsAFailureAndEndsTheOthers) {
  Process run(SCRIPT, options({}));
  run.waitForLine("Ctrl-C stops everything.");
  ASSERT_EQ(::kill(pidOf("tsunagi-bridge"), SIGKILL), 0);
  EXPECT_EQ(run.wait().code, 1);
  EXPECT_THAT(run.standardError(), AllOf(HasSubstr("bridge ended"), HasSubstr("stopped")));
  expectNothingLeft();
}

TEST_F(RunChain, WrongUseIsTold) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--twice"}, {"--once"}, {"--dir", ""}}) {
    const ProcessResult result = runProcess(SCRIPT, options(wrong));
    EXPECT_EQ(result.status.code, 64);
    EXPECT_THAT(result.error, HasSubstr("usage"));
  }
}

}  // namespace
}  // namespace tsunagi::test
