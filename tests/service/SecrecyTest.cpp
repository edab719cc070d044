// What must never be seen outside (S3, S15, S26): secrets and message text in logs, status pages, metrics, command
// lines or a dump of the memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "net/HttpClient.h"
#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Root could look into anything: from here on neither this program nor those it starts have that privilege.
void giveUpLookingIntoOthers() {
  ::prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE);  // of those started; others than root have none to give up
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct own[2]{};
  ASSERT_EQ(::syscall(SYS_capget, &header, own), 0);
  for (uint32_t* set : {&own[0].effective, &own[0].permitted, &own[0].inheritable}) *set &= ~(1u << CAP_SYS_PTRACE);
  ASSERT_EQ(::syscall(SYS_capset, &header, own), 0);
}

// The error of asking which file another process runs, which the kernel guards as it guards the memory; 0 = it tells.
int lookInto(pid_t pid) {
  char path[4096];
  return ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path, sizeof path) < 0 ? errno : 0;
}

class Secrecy : public testing::Test {
 protected:
  static constexpr const char* TEXT = "canary-text-7f31";

  // Everything anybody can read without the data folders.
  std::map<std::string, std::string> shown() {
    std::map<std::string, std::string> all;
    for (auto& [name, process] :
         {std::pair<std::string, Process*>{"relay", &chain.relay()}, {"bridge", &chain.bridge()}}) {
      all[name + "'s log"] = _earlierLogs[name] + process->standardError() + process->standardOutput();
      all[name + "'s command line"] = contents("/proc/" + std::to_string(process->pid()) + "/cmdline");
    }
    all["bridge's status"] = chain.bridgeStatus().dump();
    all["bridge's metrics"] = get(chain.bridgeEndpoint("status"), "/metrics");
    all["relay's metrics"] = chain.relayMetrics();
    all["unit show"] = chain.relayCommand({"unit", "show", chain.unit(), "--json"}).output;
    all["unit list"] = chain.relayCommand({"unit", "list", "--json"}).output;
    return all;
  }
  void remember(const std::string& name, const Process& process) {
    _earlierLogs[name] += process.standardError() + process.standardOutput();
  }
  static std::string get(const std::string& address, const std::string& path) {
    net::HttpCall call;
    call.url = net::Url::parse("http://" + address + path).value();
    return net::HttpClient(nullptr).perform(call).body;
  }

  Chain chain{{.tokenLife = "3600s"}};

 private:
  std::map<std::string, std::string> _earlierLogs;
};

TEST_F(Secrecy, NothingSecretIsShownWhateverHappens) {
  chain.startAll();
  std::vector<std::pair<std::string, std::string>> canaries{
      {"channel secret", trimmed(chain.folder.read("linesim/channel-secret"))},
      {"access token", trimmed(chain.folder.read("linesim/access-token"))},
      {"unit token", trimmed(chain.folder.read("unit.token"))},
      {"message text", TEXT}};
  std::vector<std::string> events;
  const auto say = [&] {
    return events.emplace_back(chain.send("alice", std::string(TEXT) + " " + std::to_string(events.size())));
  };

  chain.awaitReply(say());
  // LINE fails, breaks off, and refuses.
  for (const json& fault : {json{{"action", "status"}, {"status", 500}}, json{{"action", "break"}, {"when", "after"}},
                            json{{"action", "status"}, {"status", 400}}}) {
    chain.control("POST", "/control/faults", {{"next", {fault}}});
    say();
    ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("events") == events.size(); }));
    chain.awaitSettled();
  }
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("failed"), 1);
  // Webhooks that nobody signed, with what is no signature, that are no JSON, and to a unit that is not there.
  for (const char* signature : {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "canary"})
    chain.control("POST", "/control/raw",
                  {{"body", "{\"text\":\"" + std::string(TEXT) + "\"}"}, {"signature", signature}});
  chain.control("POST", "/control/raw", {{"body", std::string(TEXT)}});
  const std::string url = chain.webhookUrl();
  chain.control("POST", "/control/webhook-url", {{"url", url.substr(0, url.rfind('/')) + "x/webhook"}});
  chain.control("POST", "/control/raw", {{"body", std::string(TEXT)}});
  chain.control("POST", "/control/webhook-url", {{"url", url}});
  ASSERT_TRUE(eventually([&] {
    return chain.bridgeStatus().at("counters").at("quarantined") == 1 &&
           chain.bridgeStatus().at("counters").at("received").get<int>() >= 6;
  }));
  // The responder fails; a start-up with work left; a token that is refused.
  chain.ini["responder.echo"]["fail"] = "internal";
  chain.rewriteBridgeIni();
  chain.awaitReply(say());
  remember("bridge", chain.bridge());
  chain.killBridge();
  const std::string waiting = say();
  chain.awaitAccepted(waiting);
  remember("relay", chain.relay());
  chain.killRelay();
  chain.startRelay();
  chain.startBridge();
  chain.awaitReply(waiting);
  const ProcessResult rotated = chain.relayCommand(
      {"unit", "rotate", chain.unit(), "--grace", "0s", "--token-file", chain.folder.file("new.token")});
  ASSERT_EQ(rotated.status.code, 0) << rotated.error;
  canaries.emplace_back("new unit token", trimmed(chain.folder.read("new.token")));
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("link").at("trouble") == "refused"; }));

  for (const std::string& event : events) canaries.emplace_back("reply token", chain.event(event).at("replyToken"));
  const auto all = shown();
  for (const auto& [place, text] : all) {
    EXPECT_GT(text.size(), 10u) << place;
    for (const auto& [name, canary] : canaries) {
      ASSERT_GE(canary.size(), 12u) << name;
      EXPECT_EQ(text.find(canary), std::string::npos) << "the " << name << " stands in the " << place << ":\n" << text;
    }
  }
  // The look is worth something: what may be shown is found by it.
  EXPECT_THAT(all.at("bridge's log"), HasSubstr("will be tried again"));
  EXPECT_THAT(all.at("unit show"), HasSubstr(chain.unit()));
}

TEST_F(Secrecy, NoCoreFileAndNoLookIntoTheMemory) {
  giveUpLookingIntoOthers();
  chain.startAll();
  const Process open("/bin/sleep", {.arguments = {"600"}});
  ASSERT_EQ(lookInto(open.pid()), 0) << "another program of ours can be looked into";
  for (const Process* process : {&chain.relay(), &chain.bridge()}) {
    EXPECT_EQ(lookInto(process->pid()), EACCES);
    EXPECT_THAT(contents("/proc/" + std::to_string(process->pid()) + "/limits"),
                testing::ContainsRegex("Max core file size +0 +0 "));
    EXPECT_THAT(contents("/proc/" + std::to_string(process->pid()) + "/status"), HasSubstr("Umask:\t0077"));
  }
}

}  // namespace
}  // namespace tsunagi::test
