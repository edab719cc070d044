#include "notify/NotifySettings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/TempFolder.h"

namespace tsunagi::notify {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NotifySettingsTest : public testing::Test {
 protected:
  NotifySettingsTest() { NotifySettings::define(_schema); }
  Result<NotifySettings> read(const std::string& text) {
    const auto load = service::Settings::load(_folder.write("a.ini", "[notify]\n" + text, 0600), _schema, {});
    if (!load.settings) return Error{load.errors.at(0)};
    return NotifySettings::from(*load.settings, "program");
  }
  const test::TempFolder _folder;
  service::ConfigSchema _schema;
};

TEST_F(NotifySettingsTest, TheAddressMayStandInAFileOfItsOwn) {
  _folder.write("address", "https://ntfy.sh/secret-topic\n", 0600);
  const auto settings = read("url_file = " + _folder.file("address") + "\n");
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(settings->webhook->url.host, "ntfy.sh");
  EXPECT_EQ(settings->webhook->format, NoticeFormat::Ntfy);
}

TEST_F(NotifySettingsTest, UnsetIsAState) { EXPECT_FALSE(read("format = json\n")->webhook); }

TEST_F(NotifySettingsTest, AFormatWinsOverTheHost) {
  EXPECT_EQ(read("url = https://ntfy.sh/topic\nformat = json\n")->webhook->format, NoticeFormat::Json);
}

TEST_F(NotifySettingsTest, WhatIsWrongIsToldWithoutTheAddress) {
  for (const char* wrong : {"http://example.com/secret-topic", "ftp://example.com/secret-topic", "secret-topic",
                            "https://user:secret-topic@example.com/"})
    EXPECT_THAT(read(std::string("url = ") + wrong + "\n").error(),
                AllOf(HasSubstr("a.ini:2: [notify] url: "), Not(HasSubstr("secret-topic"))))
        << wrong;
  EXPECT_TRUE(read("url = http://127.0.0.1:8080/hook\n"));
  EXPECT_THAT(read("url = https://ntfy.sh\n").error(), HasSubstr("has no topic"));
}

}  // namespace
}  // namespace tsunagi::notify
