// What an operator can get wrong with each program: one clear line, and the documented exit code.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/UniqueFd.h"
#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Ini = std::map<std::string, std::map<std::string, std::string>>;

std::string text(const Ini& ini) {
  std::string result;
  for (const auto& [section, keys] : ini) {
    result += "[" + section + "]\n";
    for (const auto& [key, value] : keys) result += key + " = " + value + "\n";
  }
  return result;
}

// A program and what it needs to start in a folder of its own.
struct Subject {
  std::string name;
  Ini ini;
  std::vector<std::string> arguments;
  std::vector<std::string> dataArguments;  // how the data folder is named, "DATA" standing for it
  std::pair<std::string, std::string> dataKey;
};

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all{
      {"tsunagi-relay",
       {{"relay", {{"listen", "127.0.0.1:0"}}}, {"admin", {{"listen", "off"}}}, {"limits", {{"goaway_wave", "0s"}}}},
       {},
       {},
       {"relay", "data_dir"}},
      {"tsunagi-bridge", {{"log", {}}}, {"--plugin-dir", pluginFolder()}, {}, {"bridge", "data_dir"}},
      {"tsunagi-linesim", {{"log", {}}}, {"--listen", "127.0.0.1:0"}, {"--data-dir", "DATA"}, {}},
  };
  return all;
}

// A port of 127.0.0.1 that somebody listens on.
class TakenPort {
 public:
  TakenPort() : _socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(_socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(_socket.get(), 1) != 0 ||
        ::getsockname(_socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw std::runtime_error("no port to take");
    _text = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  const std::string& text() const { return _text; }

 private:
  UniqueFd _socket;
  std::string _text;
};

// A folder that is there, is ours, and takes no file: for root, whom no mode stops, a file system mounted read-only.
class ReadOnlyFolder {
 public:
  explicit ReadOnlyFolder(const TempFolder& in) : _path(in.file("readonly")) {
    std::filesystem::create_directory(_path);
    if (::geteuid() == 0) {
      _mounted = ::mount("tmpfs", _path.c_str(), "tmpfs", MS_RDONLY, "size=64k,mode=0700") == 0;
      // A container may keep even root from mounting. The list of a process's descriptors takes no file from anybody.
      if (!_mounted) _path = "/proc/self/fd";
    } else {
      ::chmod(_path.c_str(), 0500);
    }
  }
  ReadOnlyFolder(const ReadOnlyFolder&) = delete;
  ReadOnlyFolder& operator=(const ReadOnlyFolder&) = delete;
  ~ReadOnlyFolder() {
    if (_mounted) ::umount(_path.c_str());
  }
  const std::string& path() const { return _path; }

 private:
  std::string _path;
  bool _mounted = false;
};

class BadInputFolder {
 protected:
  Process::Options options(const Subject& subject, const std::string& configuration,
                           const std::vector<std::string>& more = {}, const std::string& data = "data") {
    std::string ini = configuration;
    if (!subject.dataKey.first.empty() && ini.find(subject.dataKey.second) == std::string::npos)
      ini += "[" + subject.dataKey.first + "]\n" + subject.dataKey.second + " = " + data + "\n";
    std::vector<std::string> arguments{"--config", folder.write("x.ini", ini)};
    arguments.insert(arguments.end(), subject.arguments.begin(), subject.arguments.end());
    for (const std::string& word : subject.dataArguments) arguments.push_back(word == "DATA" ? data : word);
    // An option given again here stands for itself alone.
    for (size_t i = 0; i + 1 < more.size(); i += 2) {
      const auto at = std::find(arguments.begin(), arguments.end(), more[i]);
      if (at != arguments.end()) arguments.erase(at, at + 2);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return {.arguments = std::move(arguments), .folder = folder.path()};
  }
  // The single line a program wrote before it ended with code; what it tells about a start that goes well is not asked
  // for.
  std::string refusal(const Subject& subject, Process::Options options, int code) {
    options.arguments.insert(options.arguments.end(), {"--log-level", "error"});
    const ProcessResult result = runProcess(programPath(subject.name), std::move(options));
    EXPECT_EQ(result.status.code, code) << result.error;
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1) << result.error;
    EXPECT_THAT(result.error, testing::StartsWith(subject.name + ": "));
    EXPECT_EQ(result.output, "");
    return result.error;
  }
  TempFolder folder;
};

class BadInput : public BadInputFolder, public testing::TestWithParam<Subject> {
 protected:
  std::string refusedFor(const std::string& added, int code = 78) {
    return refusal(GetParam(), options(GetParam(), text(GetParam().ini) + added), code);
  }
};

TEST_P(BadInput, nothingWrongStartsAndStops) {
  Process process(programPath(GetParam().name), options(GetParam(), text(GetParam().ini)));
  process.waitForLine("program: " + GetParam().name);
  EXPECT_EQ(process.stop().code, 0) << process.standardError();
}

TEST_P(BadInput, unknownOption) {
  EXPECT_THAT(refusal(GetParam(), {.arguments = {"--bogus"}}, 64),
              AllOf(HasSubstr("unknown option --bogus"), HasSubstr("--help")));
  EXPECT_THAT(refusal(GetParam(), {.arguments = {"--confg", "x"}}, 64), HasSubstr("did you mean --config?"));
  EXPECT_THAT(refusal(GetParam(), {.arguments = {"frobnicate"}}, 64), HasSubstr("frobnicate"));
}

TEST_P(BadInput, missingFile) {
  EXPECT_THAT(refusal(GetParam(), {.arguments = {"--config", folder.file("none.ini")}}, 78),
              HasSubstr(folder.file("none.ini") + ": No such file or directory"));
}

TEST_P(BadInput, wrongKeyAndSection) {
  EXPECT_THAT(refusedFor("[log]\nlvel = debug\n"),
              AllOf(HasSubstr("x.ini:"), HasSubstr("unknown key [log] lvel; did you mean level?")));
  EXPECT_THAT(refusedFor("[lgo]\n"),
              AllOf(HasSubstr("x.ini:"), HasSubstr("unknown section [lgo]; did you mean [log]?")));
}

TEST_P(BadInput, duplicateKey) {
  EXPECT_THAT(refusedFor("[log]\nlevel = debug\nlevel = error\n"),
              AllOf(HasSubstr("x.ini:"), HasSubstr("[log] level is already set in line ")));
}

TEST_P(BadInput, wrongValue) {
  EXPECT_THAT(refusedFor("[log]\nlevel = loud\n"),
              AllOf(HasSubstr("x.ini:"), HasSubstr("[log] level must be one of fatal")));
}

TEST_P(BadInput, dataFolder) {
  const std::string ini = text(GetParam().ini);
  EXPECT_THAT(refusal(GetParam(), options(GetParam(), ini, {}, folder.file("none/data")), 78),
              AllOf(HasSubstr("data folder " + folder.file("none/data")), HasSubstr("No such file or directory")));
  folder.write("plain", "");
  EXPECT_THAT(refusal(GetParam(), options(GetParam(), ini, {}, folder.file("plain")), 78),
              HasSubstr("is not a folder"));
  // No user may make a folder there, not even root.
  EXPECT_THAT(refusal(GetParam(), options(GetParam(), ini, {}, "/sys/tsunagi-data"), 78),
              HasSubstr("data folder /sys/tsunagi-data cannot be made"));
}

TEST_P(BadInput, dataFolderThatTakesNoFile) {
  const ReadOnlyFolder readOnly(folder);
  EXPECT_THAT(refusal(GetParam(), options(GetParam(), text(GetParam().ini), {}, readOnly.path()), 78),
              HasSubstr("data folder " + readOnly.path() + " cannot be written: "));
}

TEST_P(BadInput, filesThatCannotBeWritten) {
  const ReadOnlyFolder readOnly(folder);
  for (const char* option : {"--pidfile", "--endpoints"}) {
    for (const std::string& path : {readOnly.path() + "/x", folder.file("none/x")})
      EXPECT_THAT(refusal(GetParam(), options(GetParam(), text(GetParam().ini), {option, path}), 78),
                  HasSubstr("cannot write " + path + ": "))
          << option;
  }
}

TEST_P(BadInput, dataFolderInUse) {
  Process first(programPath(GetParam().name), options(GetParam(), text(GetParam().ini)));
  first.waitForLine("program: " + GetParam().name);
  EXPECT_THAT(
      refusal(GetParam(), options(GetParam(), text(GetParam().ini)), 78),
      HasSubstr("is in use by process " + std::to_string(first.pid()) + " (" + GetParam().name.substr(0, 15) + ")"));
  EXPECT_EQ(first.stop().code, 0);
}

INSTANTIATE_TEST_SUITE_P(Programs, BadInput, testing::ValuesIn(subjects()), [](const auto& subject) {
  return subject.param.name.substr(subject.param.name.find('-') + 1);
});

class BadInputOf : public BadInputFolder, public testing::Test {
 protected:
  static const Subject& subject(const std::string& name) {
    const auto it =
        std::find_if(subjects().begin(), subjects().end(), [&](const Subject& s) { return s.name == name; });
    return *it;
  }
  std::string refused(const std::string& name, Ini changes, int code, const std::vector<std::string>& more = {}) {
    Ini ini = subject(name).ini;
    for (auto& [section, keys] : changes)
      for (auto& [key, value] : keys) ini[section][key] = value;
    return refusal(subject(name), options(subject(name), text(ini), more), code);
  }
};

TEST_F(BadInputOf, portInUse) {
  const TakenPort port;
  const auto says = [&](const char* key) { return AllOf(HasSubstr(key), HasSubstr(port.text())); };
  EXPECT_THAT(refused("tsunagi-relay", {{"relay", {{"listen", port.text()}}}}, 69), says("[relay] listen"));
  EXPECT_THAT(refused("tsunagi-relay", {{"admin", {{"listen", port.text()}}}}, 69), says("[admin] listen"));
  EXPECT_THAT(refused("tsunagi-bridge", {{"direct", {{"listen", port.text()}}}}, 69), says("[direct]"));
  EXPECT_THAT(refused("tsunagi-bridge", {{"status", {{"listen", port.text()}}}}, 69), says("[status]"));
  EXPECT_THAT(refused("tsunagi-linesim", {}, 69, {"--listen", port.text()}), says("listen"));
}

TEST_F(BadInputOf, theRelaysSettings) {
  EXPECT_THAT(refused("tsunagi-relay", {{"relay", {{"listen", "8080"}}}}, 78),
              HasSubstr("[relay] listen must be an IP address"));
  EXPECT_THAT(refused("tsunagi-relay", {{"limits", {{"max_body", "1 meg"}}}}, 78),
              HasSubstr("[limits] max_body must be a size"));
  EXPECT_THAT(refused("tsunagi-relay", {{"relay", {{"loops", "many"}}}}, 78),
              HasSubstr("[relay] loops must be a number from 1 to 256"));
  EXPECT_THAT(refused("tsunagi-relay", {{"admin", {{"listen", "0.0.0.0:0"}}}}, 78),
              HasSubstr("[admin] listen: must be a loopback address"));
}

TEST_F(BadInputOf, keysAndCertificates) {
  const std::string none = folder.file("none.pem");
  const std::string text = folder.write("text.pem", "no certificate");
  const Ini relayAddress{{"relay", {{"url", "wss://127.0.0.1:9/t"}, {"unit", "u"}, {"token", "canary"}}}};
  const auto with = [](Ini ini, const char* section, std::map<std::string, std::string> keys) {
    ini[section].merge(keys);
    return ini;
  };
  const auto together = HasSubstr("tls_certificate and tls_key go together");
  for (const char* alone : {"tls_key", "tls_certificate"}) {
    EXPECT_THAT(refused("tsunagi-relay", {{"relay", {{alone, text}}}}, 78), AllOf(HasSubstr("x.ini:"), together));
    EXPECT_THAT(refused("tsunagi-bridge", {{"direct", {{"listen", "127.0.0.1:0"}, {alone, text}}}}, 78),
                AllOf(HasSubstr("x.ini:"), together));
  }
  EXPECT_THAT(refused("tsunagi-linesim", {}, 64, {"--tls-key", text}), HasSubstr("give both or none"));

  const auto missing = AllOf(HasSubstr(none), HasSubstr("No such file or directory"));
  const auto noPem = AllOf(HasSubstr(text), HasSubstr("holds no certificate in PEM form"));
  for (const auto& [file, why] : {std::pair(none, testing::Matcher<std::string>(missing)),
                                  std::pair(text, testing::Matcher<std::string>(noPem))}) {
    const std::map<std::string, std::string> pair{{"tls_certificate", file}, {"tls_key", text}};
    EXPECT_THAT(refused("tsunagi-relay", {{"relay", pair}}, 78), why);
    EXPECT_THAT(refused("tsunagi-bridge", with({{"direct", {{"listen", "127.0.0.1:0"}}}}, "direct", pair), 78), why);
    EXPECT_THAT(refused("tsunagi-linesim", {}, 78, {"--tls-certificate", file, "--tls-key", text}), why);
    EXPECT_THAT(refused("tsunagi-bridge", with(relayAddress, "relay", {{"ca_file", file}}), 78),
                AllOf(HasSubstr("[relay] ca_file"), why, testing::Not(HasSubstr("canary"))));
    EXPECT_THAT(refused("tsunagi-bridge", {{"line", {{"channel_access_token", "canary"}, {"ca_file", file}}}}, 78),
                AllOf(HasSubstr("[line] ca_file"), why, testing::Not(HasSubstr("canary"))));
    EXPECT_THAT(refused("tsunagi-linesim", {}, 78, {"--ca-file", file}), why);
  }
}

TEST_F(BadInputOf, theBridgesSettings) {
  EXPECT_THAT(refused("tsunagi-bridge", {{"relay", {{"url", "http://relay.example"}}}}, 78),
              HasSubstr("[relay] url must be an absolute URL"));
  EXPECT_THAT(refused("tsunagi-bridge", {{"relay", {{"url", "ws://relay.example"}}}}, 78), HasSubstr("wss://"));
  EXPECT_THAT(refused("tsunagi-bridge", {{"reply", {{"token_life", "soon"}}}}, 78),
              HasSubstr("[reply] token_life must be a time"));
  EXPECT_THAT(refused("tsunagi-bridge", {{"bridge", {{"responder", "home"}}}}, 78), HasSubstr("[responder.home]"));
  folder.write("token", "canary", 0644);
  EXPECT_THAT(refused("tsunagi-bridge", {{"relay", {{"token_file", "token"}}}}, 78),
              AllOf(HasSubstr("chmod 600"), testing::Not(HasSubstr("canary"))));
}

TEST_F(BadInputOf, theBridgesOneFileJson) {
  const auto refusedJson = [&](const std::string& json, unsigned mode) {
    return refusal(
        subject("tsunagi-bridge"),
        {.arguments = {"--config", folder.write("unit.json", json, mode), "--data-dir", folder.file("data")}}, 78);
  };
  EXPECT_THAT(refusedJson("{\"relay_ulr\": \"x\"}", 0600),
              HasSubstr("unit.json: unknown member relay_ulr; did you mean relay_url?"));
  EXPECT_THAT(refusedJson("{\"relay_url\": 5}", 0600), HasSubstr("unit.json: relay_url must be an absolute URL"));
  EXPECT_THAT(refusedJson("{\"relay_url\": ", 0600), HasSubstr("is not one valid JSON object"));
  EXPECT_THAT(refusedJson("{\"relay_url\": \"wss://h/gmk/{token}/ws\"}", 0600), HasSubstr("relay_token"));
  EXPECT_THAT(refusedJson("{}", 0640), HasSubstr("chmod 600"));
}

class BadPlugin : public BadInputOf {
 protected:
  std::string refusedPlugin(const std::string& plugin, const std::string& from) {
    const Ini ini{{"responder.home", {{"plugin", plugin}}}};
    const std::string atStart = refused("tsunagi-bridge", ini, 78, {"--plugin-dir", from});
    EXPECT_THAT(atStart, AllOf(HasSubstr("x.ini:"), HasSubstr("[responder.home]")));
    return atStart;
  }
  std::string copied(const std::string& name, unsigned mode = 0644) {
    std::filesystem::create_directories(folder.file("plugins"));
    const std::string to = folder.file("plugins/" + name + ".so");
    std::filesystem::copy_file(programPath("../test-plugins/" + name + ".so"), to);
    EXPECT_EQ(::chmod(to.c_str(), mode), 0);
    return folder.file("plugins");
  }
};

TEST_F(BadPlugin, whatIsNoPlugin) {
  folder.write("plugins/text.so", "no library", 0644);
  EXPECT_THAT(refusedPlugin("text", folder.file("plugins")), HasSubstr("is not a shared library"));
  EXPECT_THAT(refusedPlugin("no_entry", copied("no_entry")), HasSubstr("is no responder plugin"));
}

TEST_F(BadPlugin, ofAnotherMajor) {
  EXPECT_THAT(refusedPlugin("other_major", copied("other_major")), HasSubstr("is built for responder ABI "));
}

TEST_F(BadPlugin, inAFolderOthersCanWrite) {
  const std::string plugins = copied("hello");
  ASSERT_EQ(::chmod(plugins.c_str(), 0777), 0);
  EXPECT_THAT(refusedPlugin("hello", plugins), HasSubstr("run chmod go-w " + plugins));
  ASSERT_EQ(::chmod(plugins.c_str(), 0755), 0);
  ASSERT_EQ(::chmod((plugins + "/hello.so").c_str(), 0666), 0);
  EXPECT_THAT(refusedPlugin("hello", plugins), HasSubstr("run chmod go-w " + plugins + "/hello.so"));
}

TEST_F(BadPlugin, byAPathInsteadOfAName) {
  EXPECT_THAT(refusedPlugin("../evil", folder.path()), HasSubstr("is not valid"));
}

}  // namespace
}  // namespace tsunagi::test
