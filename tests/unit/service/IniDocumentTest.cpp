#include "service/IniDocument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace tsunagi::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

IniDocument parse(std::string_view text) { return IniDocument::parse(text, "bridge.ini"); }

const std::string SAMPLE =
    "# head\n\n[relay]\nurl = wss://a.example/x\n  unit=u1  \n; note\n\n[line]\nchannel_secret_file = /s\n\n\n";

TEST(IniDocument, readsSectionsKeysAndLines) {
  const IniDocument document = parse(SAMPLE);
  EXPECT_THAT(document.errors(), IsEmpty());
  const auto entries = document.entries();
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[1].section, "relay");
  EXPECT_EQ(entries[1].key, "unit");
  EXPECT_EQ(entries[1].value, "u1");
  EXPECT_EQ(entries[1].line, 5u);
  ASSERT_THAT(document.sections(), SizeIs(2));
  EXPECT_EQ(document.sections()[1].line, 8u);
  EXPECT_FALSE(document.find("line", "url"));
}

TEST(IniDocument, givesBackTheSameBytes) {
  for (const std::string& text :
       {SAMPLE, std::string(), std::string("\n"), std::string("[a]\r\nk = v\r\n\r\n# c\r\n"),
        std::string("\xEF\xBB\xBF[a]\nk=v"), std::string("junk\n[a\n=x\n[a]\nk=1\nk=2\n\tk2 =\t v \n"),
        std::string("[a]\nk=\0v\n", 9), std::string("[a]\nk=\xff\n"), std::string("[a]\rk=v\r"),
        std::string(IniDocument::maxFile + 1, 'x')})
    EXPECT_EQ(parse(text).text(), text);
}

TEST(IniDocument, valuesAreRaw) {
  const IniDocument document = parse("[a]\nk = \"x\" \\t ${system.env.HOME} ; no comment # either = sign\n");
  EXPECT_THAT(document.errors(), IsEmpty());
  EXPECT_EQ(document.find("a", "k")->value, "\"x\" \\t ${system.env.HOME} ; no comment # either = sign");
}

TEST(IniDocument, takesLineEndsOfWindowsAndAByteOrderMark) {
  const IniDocument document = parse("\xEF\xBB\xBF[a]\r\nk = v\r\n");
  EXPECT_THAT(document.errors(), IsEmpty());
  EXPECT_EQ(document.find("a", "k")->value, "v");
}

TEST(IniDocument, collectsEveryErrorWithItsLine) {
  const IniDocument document = parse("early = 1\n[a]\nk = 1\nnonsense\nk = 2\n[b c]\nlost = 1\n[ok]\nx = a\x01\n= 3\n");
  EXPECT_THAT(document.errors(),
              ElementsAre(HasSubstr("bridge.ini:1: key early stands before"), HasSubstr("bridge.ini:4: this is no"),
                          HasSubstr("bridge.ini:5: [a] k is already set in line 3"),
                          HasSubstr("bridge.ini:6: a section is written [name]"),
                          HasSubstr("bridge.ini:9: the value of [ok] x holds a control character"),
                          HasSubstr("bridge.ini:10: this is no")));
  EXPECT_EQ(document.find("a", "k")->value, "1");
}

TEST(IniDocument, aCommentBehindASectionIsAnError) {
  EXPECT_THAT(parse("[a] ; note\nk = v\n").errors(), ElementsAre(HasSubstr("bridge.ini:1: a section is written")));
}

TEST(IniDocument, neverRepeatsALineThatMayBeASecret) {
  const IniDocument document = parse("[a]\ntsgu_secrettoken\n");
  ASSERT_THAT(document.errors(), SizeIs(1));
  EXPECT_EQ(document.errors()[0].find("secrettoken"), std::string::npos);
}

TEST(IniDocument, theSameSectionMayBeOpenedAgain) {
  const IniDocument document = parse("[a]\nk=1\n[b]\nk=2\n[a]\nm=3\n");
  EXPECT_THAT(document.errors(), IsEmpty());
  EXPECT_EQ(document.find("a", "m")->line, 6u);
  EXPECT_THAT(parse("[a]\nk=1\n[b]\n[a]\nk=2\n").errors(), ElementsAre(HasSubstr("already set in line 2")));
}

TEST(IniDocument, isBounded) {
  EXPECT_THAT(parse("[a]\nk=" + std::string(IniDocument::maxLine, 'x')).errors(),
              ElementsAre(HasSubstr("bridge.ini:2:")));
  EXPECT_THAT(parse(std::string(IniDocument::maxFile + 1, '\n')).errors(), ElementsAre(HasSubstr("larger than")));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "bad\n";
  EXPECT_THAT(parse(many).errors(), SizeIs(51));
  EXPECT_THAT(parse(many).errors().back(), HasSubstr("950 more"));
}

TEST(IniDocument, setChangesOnlyTheValue) {
  IniDocument document = parse("[a]\r\n  k  =  old  \r\n# c\r\n");
  ASSERT_TRUE(document.set("a", "k", "new one").ok());
  EXPECT_EQ(document.text(), "[a]\r\n  k  =  new one  \r\n# c\r\n");
  ASSERT_TRUE(document.set("a", "k", "").ok());
  ASSERT_TRUE(document.set("a", "k", "v").ok());
  EXPECT_EQ(parse(document.text()).find("a", "k")->value, "v");
}

TEST(IniDocument, setAddsAtTheEndOfItsSectionOrOfTheFile) {
  IniDocument document = parse(SAMPLE);
  ASSERT_TRUE(document.set("relay", "token_file", "/t").ok());
  EXPECT_THAT(document.text(), HasSubstr("; note\ntoken_file = /t\n\n[line]\n"));
  ASSERT_TRUE(document.set("new", "k", "v").ok());
  EXPECT_THAT(document.text(), testing::EndsWith("\n\n[new]\nk = v\n"));
  IniDocument unterminated = parse("[a]\nk=1");
  ASSERT_TRUE(unterminated.set("a", "m", "2").ok());
  EXPECT_EQ(unterminated.text(), "[a]\nk=1\nm = 2\n");
  IniDocument empty = parse("");
  ASSERT_TRUE(empty.set("a", "k", "v").ok());
  EXPECT_EQ(empty.text(), "[a]\nk = v\n");
}

TEST(IniDocument, setRefusesWhatWouldNotComeBack) {
  IniDocument document = parse(SAMPLE);
  for (const auto& [section, key, value] :
       std::vector<std::array<std::string, 3>>{{"a", "k", "x\ny"},
                                               {"a", "k", " x"},
                                               {"a", "k", "x\t"},
                                               {"a", "k", "\xff"},
                                               {"a", "k", std::string("\0", 1)},
                                               {"a]", "k", "v"},
                                               {"a", "k=", "v"},
                                               {"a", "", "v"},
                                               {"", "k", "v"},
                                               {"a", "k", std::string(20'000, 'x')}})
    EXPECT_FALSE(document.set(section, key, value).ok()) << section << key;
  EXPECT_EQ(document.text(), SAMPLE);
}

TEST(IniDocument, removeTakesTheOneLine) {
  IniDocument document = parse(SAMPLE);
  EXPECT_TRUE(document.remove("relay", "url"));
  EXPECT_FALSE(document.remove("relay", "url"));
  EXPECT_EQ(document.text(), "# head\n\n[relay]\n  unit=u1  \n; note\n\n[line]\nchannel_secret_file = /s\n\n\n");
  EXPECT_EQ(document.find("relay", "unit")->line, 4u);
}

}  // namespace
}  // namespace tsunagi::service
