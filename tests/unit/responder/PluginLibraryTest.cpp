#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "Fixture.h"
#include "responder/PluginLibrary.h"

namespace tsunagi::responder {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

// A plugin folder of this test's own.
class PluginLibraryTest : public testing::Test {
 protected:
  PluginLibraryTest() {
    std::string pattern = (fs::temp_directory_path() / "plugins-XXXXXX").string();
    _folder = ::mkdtemp(pattern.data());
  }
  ~PluginLibraryTest() override { fs::remove_all(_folder); }
  void copy(const std::string& name) {
    fs::copy_file(std::string(TSUNAGI_PLUGIN_DIR) + "/echo.so", path(name));
    fs::permissions(path(name), fs::perms(0755));
  }
  std::string path(const std::string& name) const { return _folder + "/" + name + ".so"; }
  std::string errorOf(const std::string& name) {
    const auto library = PluginLibrary::open(_folder, name);
    return library.ok() ? "loaded" : library.error();
  }
  std::string _folder;
};

std::string errorOfBad(const std::string& name) {
  const auto library = PluginLibrary::open(TSUNAGI_TEST_PLUGIN_DIR, name);
  return library.ok() ? "loaded" : library.error();
}

TEST_F(PluginLibraryTest, NamesWhatIsInstalledWhenThereIsNoSuchPlugin) {
  EXPECT_EQ(errorOf("ollama"), "no plugin \"ollama\" in " + _folder + "; none is installed there");
  copy("echo");
  copy("b-2_x");
  std::ofstream(_folder + "/notes.txt") << "no plugin";
  std::ofstream(_folder + "/Upper.so") << "no plugin";
  EXPECT_EQ(errorOf("ollama"), "no plugin \"ollama\" in " + _folder + "; installed: b-2_x, echo");
}

TEST_F(PluginLibraryTest, RefusesNamesThatAreNoNames) {
  for (const std::string name : {"", "..", "../echo", "a/b", "Echo", "echo.so", "é", "a b", "a\n"})
    EXPECT_THAT(errorOf(name), HasSubstr("is not valid")) << name;
  EXPECT_THAT(errorOf(std::string(33, 'a')), HasSubstr("is not valid"));
  EXPECT_THAT(errorOf(std::string(32, 'a')), HasSubstr("no plugin"));
}

TEST_F(PluginLibraryTest, RefusesAFolderOrFileThatOthersMayWrite) {
  copy("echo");
  for (const mode_t mode : {0777u, 0775u, 0757u}) {
    ASSERT_EQ(::chmod(_folder.c_str(), mode), 0);
    EXPECT_THAT(errorOf("echo"), HasSubstr("plugin folder " + _folder + " can be written by others"));
    EXPECT_THAT(errorOf("echo"), HasSubstr("chmod go-w " + _folder));
  }
  ASSERT_EQ(::chmod(_folder.c_str(), 0755), 0);
  for (const mode_t mode : {0666u, 0664u}) {
    ASSERT_EQ(::chmod(path("echo").c_str(), mode), 0);
    EXPECT_THAT(errorOf("echo"), HasSubstr("plugin file " + path("echo") + " can be written by others"));
  }
  ASSERT_EQ(::chmod(path("echo").c_str(), 0644), 0);
  EXPECT_EQ(errorOf("echo"), "loaded");
}

TEST_F(PluginLibraryTest, RefusesAFolderOrFileOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  copy("echo");
  ASSERT_EQ(::chown(path("echo").c_str(), 12345, 12345), 0);
  EXPECT_THAT(errorOf("echo"), HasSubstr("plugin file " + path("echo") + " belongs to user id 12345"));
  ASSERT_EQ(::chown(_folder.c_str(), 12345, 12345), 0);
  EXPECT_THAT(errorOf("echo"), HasSubstr("plugin folder " + _folder + " belongs to user id 12345"));
}

TEST_F(PluginLibraryTest, RefusesLinksAndWhatIsNoFile) {
  fs::create_symlink(std::string(TSUNAGI_PLUGIN_DIR) + "/echo.so", path("link"));
  EXPECT_THAT(errorOf("link"), HasSubstr("is a symbolic link"));
  fs::create_directory(path("folder"));
  EXPECT_THAT(errorOf("folder"), HasSubstr("is no plain file"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(errorOf("pipe"), HasSubstr("is no plain file"));
}

TEST_F(PluginLibraryTest, RefusesWhatIsNoSharedLibrary) {
  std::ofstream(path("text")) << "#!/bin/sh\necho I am a script\n";
  std::ofstream(path("empty")).flush();
  std::ofstream(path("half")) << std::string(
      "\x7f"
      "ELF\x02\x01\x01",
      7);
  EXPECT_EQ(errorOf("text"), "plugin file " + path("text") + " is not a shared library");
  EXPECT_EQ(errorOf("empty"), "plugin file " + path("empty") + " is not a shared library");
  EXPECT_EQ(errorOf("half"), "plugin file " + path("half") + " cannot be loaded: file too short");
}

TEST_F(PluginLibraryTest, AFolderThatIsNotThereIsSaid) {
  const auto library = PluginLibrary::open(_folder + "/missing", "echo");
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error(), "plugin folder " + _folder + "/missing cannot be opened: No such file or directory");
}

TEST_F(PluginLibraryTest, EachFileIsItselfWhateverDescriptorItHad) {
  copy("one");
  copy("two");
  fs::copy_file(std::string(TSUNAGI_TEST_PLUGIN_DIR) + "/hello.so", path("three"));
  fs::permissions(path("three"), fs::perms(0755));
  const auto one = PluginLibrary::open(_folder, "one");
  const auto three = PluginLibrary::open(_folder, "three");
  const auto two = PluginLibrary::open(_folder, "two");
  const auto oneAgain = PluginLibrary::open(_folder, "one");
  ASSERT_TRUE(one.ok() && two.ok() && three.ok() && oneAgain.ok());
  EXPECT_EQ(*one, *oneAgain);
  EXPECT_NE(*one, *two);
  EXPECT_STREQ((*one)->table().id, "org.tsunagi.echo");
  EXPECT_STREQ((*three)->table().id, "org.example.hello");
}

TEST(BadPluginTest, EachIsRefusedInOneClearLine) {
  EXPECT_THAT(errorOfBad("no_entry"), HasSubstr("is no responder plugin: it has no symbol responder_entry_v0"));
  EXPECT_THAT(errorOfBad("other_major"), HasSubstr("is built for responder ABI 7, this program has 0"));
  EXPECT_THAT(errorOfBad("old_minor"),
              HasSubstr("is built for responder ABI 0.0, the oldest this program takes is 0.1"));
  EXPECT_THAT(errorOfBad("small_table"), HasSubstr("has a table of 80 bytes, the least is 128"));
  EXPECT_THAT(errorOfBad("null_table"), HasSubstr("does not serve responder ABI 0.1 of this program"));
  EXPECT_THAT(errorOfBad("lacks_callbacks"), HasSubstr("lacks chat, cancel"));
  EXPECT_THAT(errorOfBad("bad_id"), HasSubstr("has an id that is not"));
  EXPECT_THAT(errorOfBad("bad_schema"), HasSubstr("the schema of its settings key \"depth\" has a type other than"));
  for (const char* name : {"no_entry", "other_major", "bad_schema"}) {
    EXPECT_EQ(errorOfBad(name).find('\n'), std::string::npos);
    EXPECT_EQ(errorOfBad(name), errorOfBad(name)) << "also when it is in memory already";
  }
}

TEST_F(ResponderTest, APluginOfALaterMinorIsTaken) {
  EXPECT_TRUE(say(*make(settings("large_table")), ask("x")).ok);
  const auto outcome = say(*make(settings("future")), ask("hi"));
  EXPECT_EQ(outcome.text, "host lacks it; and what 0.1 had; hi");
}

TEST_F(ResponderTest, APluginOfOneLambdaWorks) {
  EXPECT_EQ(say(*make(settings("hello")), ask("you")).text, "hello, you");
}

TEST_F(ResponderTest, TheRegistryTellsNotInstalledFromUnusable) {
  const auto absent = Responder::create(_host, settings("openclaw"));
  ASSERT_EQ(absent.problems.size(), 1u);
  EXPECT_EQ(absent.problems[0].kind, SetupProblem::Kind::NotInstalled);
  EXPECT_EQ(absent.problems[0].key, "plugin");
  EXPECT_EQ(absent.problems[0].responder, "home");
  const auto unusable = Responder::create(_host, settings("no_entry"));
  ASSERT_EQ(unusable.problems.size(), 1u);
  EXPECT_EQ(unusable.problems[0].kind, SetupProblem::Kind::Plugin);
}

}  // namespace
}  // namespace tsunagi::responder
