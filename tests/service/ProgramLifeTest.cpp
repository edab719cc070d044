// How every program starts, reloads and stops, shown on one that does nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/Eventually.h"
#include "tests/support/NotifySocket.h"
#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string PROGRAM = programPath("sample-service");

class ProgramLife : public testing::Test {
 protected:
  Process::Options with(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
    return {std::move(arguments), std::move(environment), folder.path()};
  }
  ProcessResult run(std::vector<std::string> arguments) { return runProcess(PROGRAM, with(std::move(arguments))); }
  // The one line on stderr of a program that refused to start.
  std::string refusal(std::vector<std::string> arguments, int code) {
    const ProcessResult result = run(std::move(arguments));
    EXPECT_EQ(result.status.code, code) << result.error;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    EXPECT_THAT(result.error, AllOf(StartsWith("sample-service: "), EndsWith("\n")));
    EXPECT_EQ(result.output, "");
    return result.error;
  }
  std::string refusalOf(const std::string& configuration) {
    return refusal({"--config", folder.write("x.ini", configuration)}, 78);
  }
  TempFolder folder;
};

TEST_F(ProgramLife, helpAndVersion) {
  for (const char* option : {"--help", "-h"}) {
    const ProcessResult help = run({option});
    EXPECT_EQ(help.status.code, 0);
    EXPECT_THAT(help.output, AllOf(StartsWith("usage: sample-service"), HasSubstr("-c, --config FILE"),
                                   HasSubstr("Exit codes: 0 fine"), HasSubstr("\nSample\n"), HasSubstr("greet NAME"),
                                   HasSubstr("--pidfile FILE")));
    for (size_t at = 0, end = 0; at < help.output.size(); at = end + 1) {
      end = help.output.find('\n', at);
      EXPECT_LE(end - at, 80u) << help.output.substr(at, end - at);
    }
  }
  EXPECT_THAT(run({"--version"}).output, testing::MatchesRegex("sample-service [0-9]+[.][0-9]+[.][0-9]+\n"));
}

TEST_F(ProgramLife, wrongUseIsOneLineAndCode64) {
  EXPECT_THAT(refusal({"--bogus"}, 64), AllOf(HasSubstr("unknown option --bogus;"), HasSubstr("--help")));
  EXPECT_THAT(refusal({"--confg", "x"}, 64), HasSubstr("did you mean --config?"));
  EXPECT_THAT(refusal({"-x"}, 64), HasSubstr("unknown option -x"));
  EXPECT_THAT(refusal({"--config"}, 64), HasSubstr("--config requires FILE"));
  EXPECT_THAT(refusal({"--check=3"}, 64), HasSubstr("--check takes no value"));
  EXPECT_THAT(refusal({"-c", "a", "-c", "b"}, 64), HasSubstr("--config is given twice"));
  EXPECT_THAT(refusal({"gret", "x"}, 64), HasSubstr("unknown command gret; did you mean greet?"));
  EXPECT_THAT(refusal({"greet"}, 64), HasSubstr("usage: sample-service greet NAME"));
  EXPECT_THAT(refusal({"greet", "a", "b"}, 64), HasSubstr("usage: sample-service greet NAME"));
  EXPECT_THAT(refusal({"--loud"}, 64), HasSubstr("--loud does not go with running the service"));
  EXPECT_THAT(refusal({"greet", "a", "--daemon"}, 64), HasSubstr("--daemon does not go with greet"));
  EXPECT_THAT(refusal({"--log-level", "loud"}, 64), HasSubstr("must be one of"));
  EXPECT_THAT(refusal({"--umask", "9"}, 64), HasSubstr("octal"));
  EXPECT_THAT(refusal({"x\x1b[2J"}, 64), HasSubstr("x\\u{1b}[2J"));
}

TEST_F(ProgramLife, commandsRunAndEnd) {
  EXPECT_EQ(run({"greet", "bob", "--loud"}).output, "HELLO bob\n");
  folder.write("x.ini", "[sample]\ngreeting = ${HOME}\n");
  EXPECT_EQ(run({"show", "config", "-c", "x.ini"}).output, "${HOME}\n");
}

TEST_F(ProgramLife, badConfigurationIsOneLineAndCode78) {
  EXPECT_THAT(refusal({"--config", folder.file("none.ini")}, 78), HasSubstr("none.ini: No such file or directory"));
  EXPECT_THAT(refusal({"--config", folder.path()}, 78), HasSubstr("it is not a file"));
  EXPECT_THAT(refusalOf("[sample]\ngreting = x\n"),
              HasSubstr("x.ini:2: unknown key [sample] greting; did you mean greeting?"));
  EXPECT_THAT(refusalOf("[sampel]\n"), HasSubstr("x.ini:1: unknown section [sampel]; did you mean [sample]?"));
  EXPECT_THAT(refusalOf("[sample]\nlimit = 1\nlimit = 2\n"),
              HasSubstr("x.ini:3: [sample] limit is already set in line 2"));
  EXPECT_THAT(refusalOf("[sample]\nlimit = many\n"),
              HasSubstr("x.ini:2: [sample] limit must be a number from 1 to 10"));
  EXPECT_THAT(refusalOf("limit = 1\n"), HasSubstr("x.ini:1: key limit stands before the first [section]"));
  EXPECT_THAT(refusalOf("[log]\nlevels = net\n"), HasSubstr("x.ini:2: [log] levels: net must be logger:level"));
  EXPECT_THAT(refusalOf("[log]\nfile = none/log\n"), HasSubstr("cannot open the log file"));
  folder.write("token", "canary", 0644);
  EXPECT_THAT(refusalOf("[sample]\ntoken_file = token\n"),
              AllOf(HasSubstr("x.ini:2: [sample] token_file"), HasSubstr("chmod 600"), Not(HasSubstr("canary"))));
}

TEST_F(ProgramLife, checkTellsUnsetFromWrong) {
  folder.write("x.ini", "[sample]\nlimit = 3\n");
  ProcessResult result = run({"--check", "-c", "x.ini"});
  EXPECT_EQ(result.status.code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("unset [sample] token"), HasSubstr("ok    [sample] limit")));
  EXPECT_EQ(result.error, "");
  folder.write("x.ini", "[sample]\nlimit = x\n");
  result = run({"--check", "-c", "x.ini"});
  EXPECT_EQ(result.status.code, 78);
  EXPECT_THAT(result.error, HasSubstr("x.ini:2: [sample] limit"));
}

TEST_F(ProgramLife, startFailuresHaveTheirCodes) {
  folder.write("x.ini", "[sample]\nfail = start\n");
  EXPECT_THAT(run({"-c", "x.ini"}).error, HasSubstr("sample-service: unexpected error: told to fail\n"));
  EXPECT_EQ(run({"-c", "x.ini"}).status.code, 70);
  folder.write("x.ini", "[sample]\nfail = address\n");
  EXPECT_THAT(run({"-c", "x.ini"}).error, HasSubstr("sample-service: cannot listen on 127.0.0.1:1: address in use\n"));
  EXPECT_EQ(run({"-c", "x.ini"}).status.code, 69);
}

TEST_F(ProgramLife, startsReadyAndStopsInOrder) {
  NotifySocket manager;
  Process process(PROGRAM, with({"--endpoints", "e.json"}, {{"NOTIFY_SOCKET", manager.address()}}));
  manager.waitFor("READY=1");
  EXPECT_EQ(folder.read("e.json"), "{\"http\":\"127.0.0.1:4321\"}\n");
  process.signal(SIGTERM);
  manager.waitFor("STOPPING=1");
  EXPECT_EQ(process.wait().code, 0);
  const std::string log = process.standardError();
  EXPECT_LT(log.find("sample: drain"), log.find("sample: shutdown"));
  EXPECT_THAT(log, HasSubstr("program: stopped\n"));
  EXPECT_FALSE(folder.exists("e.json"));
}

TEST_F(ProgramLife, interruptStopsToo) {
  Process process(PROGRAM, with({}));
  process.waitForLine("program: sample-service");
  process.signal(SIGINT);
  EXPECT_EQ(process.wait().code, 0);
}

TEST_F(ProgramLife, aSecondSignalLeavesAtOnce) {
  for (const auto& [number, code] : {std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}}) {
    Process process(PROGRAM, with({"--stuck"}));
    process.waitForLine("program: sample-service");
    process.signal(SIGTERM);
    process.waitForLine("sample: drain");
    process.signal(number);
    EXPECT_EQ(process.wait().code, code);
  }
}

TEST_F(ProgramLife, whatDoesNotStopIsStopped) {
  Process process(PROGRAM, with({"--stuck"}, {{"SAMPLE_STOP_MS", "50"}}));
  process.waitForLine("program: sample-service");
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().code, 70);
  EXPECT_THAT(process.standardError(), HasSubstr("not stopped within the time for it"));
}

TEST_F(ProgramLife, aFailureWhileStoppingIsTold) {
  folder.write("x.ini", "[sample]\nfail = stop\n");
  Process process(PROGRAM, with({"-c", "x.ini"}));
  process.waitForLine("program: sample-service");
  EXPECT_EQ(process.stop().code, 70);
  EXPECT_THAT(process.standardError(), HasSubstr("unexpected error in stopping: told to fail"));
}

TEST_F(ProgramLife, hangUpReloadsAndABadEditKeepsTheGoodOne) {
  NotifySocket manager;
  folder.write("x.ini", "[sample]\ngreeting = one\n");
  Process process(PROGRAM, with({"-c", "x.ini"}, {{"NOTIFY_SOCKET", manager.address()}}));
  manager.waitFor("READY=1");
  folder.write("x.ini", "[sample]\ngreeting = two\n[log]\nlevel = debug\n");
  process.signal(SIGHUP);
  EXPECT_THAT(manager.waitFor("RELOADING=1"), HasSubstr("MONOTONIC_USEC="));
  manager.waitFor("READY=1");
  process.waitForLine("sample: reload greeting=two");
  process.waitForLine("debug sample: a line of level debug");

  folder.write("x.ini", "[sample]\ngreeting = three\nlimit = 99\n");
  process.signal(SIGHUP);
  EXPECT_THAT(process.waitForLine("error config:"),
              HasSubstr("x.ini:3: [sample] limit must be a number from 1 to 10; the settings in use stay"));
  process.waitForLine("sample: reload greeting=two", 2);
  EXPECT_EQ(process.stop().code, 0);
  EXPECT_THAT(process.standardError(), Not(HasSubstr("greeting=three")));
}

TEST_F(ProgramLife, hangUpOpensTheLogFileAnew) {
  folder.write("x.ini", "[log]\nfile = log\n");
  Process process(PROGRAM, with({"-c", "x.ini"}));
  const auto logged = [&](const char* name, const char* text) {
    return eventually([&] { return folder.exists(name) && folder.read(name).find(text) != std::string::npos; });
  };
  ASSERT_TRUE(logged("log", "program: sample-service"));
  ASSERT_EQ(rename(folder.file("log").c_str(), folder.file("log.1").c_str()), 0);
  process.signal(SIGHUP);
  ASSERT_TRUE(logged("log", "sample: reload"));
  EXPECT_EQ(process.stop().code, 0);
  EXPECT_THAT(folder.read("log"), HasSubstr("program: stopped"));
  EXPECT_EQ(process.standardError(), "");
}

TEST_F(ProgramLife, userSignalReachesItsHook) {
  Process process(PROGRAM, with({}));
  process.waitForLine("program: sample-service");
  process.signal(SIGUSR1);
  process.waitForLine("sample: user signal");
  EXPECT_EQ(process.stop().code, 0);
}

TEST_F(ProgramLife, logsAsJson) {
  Process process(PROGRAM, with({"--log-format", "json"}));
  EXPECT_THAT(process.waitForLine("start greeting"),
              AllOf(StartsWith("{\"time\":\""), HasSubstr("\"level\":\"information\",\"logger\":\"sample\"")));
  EXPECT_EQ(process.stop().code, 0);
}

TEST_F(ProgramLife, theOptionWinsOverTheConfiguredLevel) {
  folder.write("x.ini", "[log]\nlevel = debug\n");
  Process process(PROGRAM, with({"-c", "x.ini", "--log-level", "warning", "--endpoints", "e.json"}));
  ASSERT_TRUE(eventually([&] { return folder.exists("e.json"); }));
  EXPECT_EQ(process.stop().code, 0);
  EXPECT_EQ(process.standardError(), "");
}

TEST_F(ProgramLife, anEarlySignalIsNotLost) {
  Process process(PROGRAM, with({}));
  process.signal(SIGTERM);
  const ExitStatus status = process.wait();
  // Before main() the kernel ends it; from then on it stops in order.
  EXPECT_TRUE(status.code == 0 || status.signal == SIGTERM) << status.code;
}

TEST_F(ProgramLife, secretsLeaveTheEnvironment) {
  Process process(PROGRAM, with({}, {{"SAMPLE_TOKEN", "canary-secret"}}));
  EXPECT_THAT(process.waitForLine("sample: start"), HasSubstr("token=13 bytes environment=clean"));
  EXPECT_EQ(process.stop().code, 0);
  EXPECT_THAT(process.standardError(), Not(HasSubstr("canary")));
}

TEST_F(ProgramLife, theDataFolderIsHeldByOne) {
  folder.write("x.ini", "[sample]\ndata = data\n");
  Process first(PROGRAM, with({"-c", "x.ini"}));
  first.waitForLine("program: sample-service");
  EXPECT_THAT(run({"-c", "x.ini"}).error,
              HasSubstr("x.ini:2: data folder " + folder.file("data") + " is in use by process " +
                        std::to_string(first.pid()) + " (sample-service)"));
  EXPECT_EQ(run({"-c", "x.ini"}).status.code, 78);
  EXPECT_EQ(first.kill9().signal, SIGKILL);
  Process second(PROGRAM, with({"-c", "x.ini"}));
  second.waitForLine("program: sample-service");
  EXPECT_EQ(second.stop().code, 0);
}

// A daemon is nobody's child; this makes it ours, so that it is seen to end and never left behind.
class Daemon : public ProgramLife {
 protected:
  Daemon() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Daemon() override {
    if (pid > 0 && ::kill(pid, SIGKILL) == 0) waitpid(pid, nullptr, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
  int ended() {
    int status = 0;
    const bool inTime = eventually([&] { return waitpid(pid, &status, WNOHANG) == pid; });
    pid = -1;
    return inTime && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  pid_t pid = -1;
};

TEST_F(Daemon, goesToTheBackgroundOnceItWorks) {
  folder.write("x.ini", "[sample]\ngreeting = one\n[log]\nfile = log\n");
  const ProcessResult started = run({"-c", "x.ini", "--daemon", "--pidfile", "pid", "--umask", "027"});
  EXPECT_EQ(started.status.code, 0) << started.error;
  pid = static_cast<pid_t>(std::stol(folder.read("pid")));
  ASSERT_GT(pid, 1);
  EXPECT_EQ(getsid(pid), pid);
  EXPECT_THAT(folder.read("log"), HasSubstr("sample: start greeting=one"));
  // Relative paths are still those of the folder it was started in.
  folder.write("x.ini", "[sample]\ngreeting = two\n[log]\nfile = log\n");
  ASSERT_EQ(::kill(pid, SIGHUP), 0);
  EXPECT_TRUE(eventually([&] { return folder.read("log").find("reload greeting=two") != std::string::npos; }));
  ASSERT_EQ(::kill(pid, SIGTERM), 0);
  EXPECT_EQ(ended(), 0);
  EXPECT_FALSE(folder.exists("pid"));
}

TEST_F(Daemon, tellsItsStarterWhyItDidNotStart) {
  folder.write("x.ini", "[sample]\nfail = address\n");
  ProcessResult failed = run({"-c", "x.ini", "--daemon", "--pidfile", "pid"});
  EXPECT_EQ(failed.status.code, 69);
  EXPECT_THAT(failed.error, HasSubstr("address in use"));
  EXPECT_FALSE(folder.exists("pid"));
  folder.write("x.ini", "[sample]\nlimit = 0\n");
  failed = run({"-c", "x.ini", "--daemon"});
  EXPECT_EQ(failed.status.code, 78);
  EXPECT_THAT(failed.error, HasSubstr("x.ini:2"));
}

}  // namespace
}  // namespace tsunagi::test
