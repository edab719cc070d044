// Content downloads against a scripted server on loopback.
#include "line/ContentDownload.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "base/UniqueFd.h"
#include "line/MediaTypes.h"
#include "net/CancelToken.h"
#include "net/HttpClient.h"
#include "tests/unit/line/ScriptedLine.h"

namespace tsunagi::line {
namespace {

using Kind = ContentResult::Kind;

class ContentDownloadTest : public testing::Test {
 protected:
  ContentDownload download() { return {client, {line.base(), line.base()}, SecretString("s3cret-token")}; }
  ContentResult fetch(const ContentLimits& limits = {}) {
    return download().fetch("444573844083572737", file.get(), limits);
  }
  void answer(int status, const std::string& body, const std::string& type) {
    net::HttpHeaders headers;
    headers.add("Content-Type", type);
    line.answer(status, body, headers);
  }
  std::string written() const {
    std::string bytes(static_cast<size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }

  ScriptedLine line{{{"GET", "/v2/bot/message/{id}/content"}, {"GET", "/v2/bot/message/{id}/content/transcoding"}}};
  net::HttpClient client{nullptr};
  UniqueFd file{::memfd_create("content", MFD_CLOEXEC)};
};

TEST_F(ContentDownloadTest, BytesAreStreamedCountedAndHashed) {
  std::string picture;
  for (int i = 0; i < 300'000; ++i) picture += static_cast<char>(i * 7);
  answer(200, picture, "image/JPEG; q=1");
  const ContentResult result = fetch();
  EXPECT_EQ(result.kind, Kind::Done) << result.detail;
  EXPECT_EQ(result.httpStatus, 200);
  EXPECT_EQ(result.size, picture.size());
  EXPECT_EQ(result.contentType, "image/jpeg");
  EXPECT_EQ(result.extension, "jpg");
  EXPECT_EQ(result.sha256, toHex(sha256(picture)));
  EXPECT_TRUE(written() == picture);
  EXPECT_EQ(line.last().path, "/v2/bot/message/444573844083572737/content");
  EXPECT_EQ(line.last().headers.find("Authorization"), "Bearer s3cret-token");
}

TEST_F(ContentDownloadTest, AnEmptyContentIsDone) {
  answer(200, "", "application/octet-stream");
  const ContentResult result = fetch();
  EXPECT_EQ(result.kind, Kind::Done);
  EXPECT_EQ(result.size, 0U);
  EXPECT_EQ(result.extension, "bin");
  EXPECT_EQ(result.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(ContentDownloadTest, StatusesAreToldApart) {
  const struct {
    int status;
    Kind kind;
  } cases[] = {{202, Kind::NotReady},     {404, Kind::NotFound},    {410, Kind::Gone},
               {401, Kind::Unauthorized}, {429, Kind::RateLimited}, {500, Kind::Unfinished},
               {503, Kind::Unfinished},   {400, Kind::Refused},     {302, Kind::Refused}};
  for (const auto& item : cases) {
    answer(item.status, R"({"message":"words"})", "application/json");
    const ContentResult result = fetch();
    EXPECT_EQ(kindName(result.kind), kindName(item.kind)) << item.status;
    EXPECT_EQ(result.httpStatus, item.status);
    EXPECT_EQ(result.sha256, "");
  }
  EXPECT_EQ(written(), "") << "only a content's bytes are written";
}

TEST_F(ContentDownloadTest, TheCapHoldsToTheByte) {
  ContentLimits limits;
  limits.maxBytes = 1000;
  answer(200, std::string(1000, 'x'), "text/plain");
  EXPECT_EQ(fetch(limits).kind, Kind::Done);
  answer(200, std::string(1001, 'x'), "text/plain");
  const ContentResult result = fetch(limits);
  EXPECT_EQ(result.kind, Kind::TooBig);
  EXPECT_EQ(result.sha256, "");
  EXPECT_EQ(written().size(), 1000U) << "a length that is told is believed before anything is written";
}

TEST_F(ContentDownloadTest, AFullDiskIsToldWithItsWords) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  answer(200, "bytes", "text/plain");
  const ContentResult result = download().fetch("1", full.get());
  EXPECT_EQ(result.kind, Kind::DiskFailed);
  EXPECT_NE(result.detail.find("No space left"), std::string::npos) << result.detail;
  answer(200, "bytes", "text/plain");
  EXPECT_EQ(download().fetch("1", -1).kind, Kind::DiskFailed);
}

TEST_F(ContentDownloadTest, OnlyMessageIdsEnterAUrl) {
  for (const char* id : {"", "1/../2", "12a", "-1", "123456789012345678901234567890123", "%31"}) {
    EXPECT_EQ(download().fetch(id, file.get()).kind, Kind::Refused) << id;
    EXPECT_EQ(download().transcoding(id).call.kind, SendResult::Kind::Refused) << id;
  }
  EXPECT_EQ(line.calls(), 0U);
}

TEST_F(ContentDownloadTest, CancelledAndUnreachableAreNotTheSame) {
  net::CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(download().fetch("1", file.get(), {}, &cancel).kind, Kind::Cancelled);
  const ContentDownload nowhere(client, {"http://127.0.0.1:1", "http://127.0.0.1:1"}, SecretString("t"));
  EXPECT_EQ(nowhere.fetch("1", file.get()).kind, Kind::Unfinished);
}

TEST_F(ContentDownloadTest, TranscodingHasThreeStates) {
  using State = TranscodingResult::State;
  const std::pair<const char*, State> cases[] = {{R"({"status":"processing"})", State::Processing},
                                                 {R"({"status":"succeeded"})", State::Succeeded},
                                                 {R"({"status":"failed"})", State::Failed},
                                                 {R"({"status":"new"})", State::Unknown},
                                                 {"[]", State::Unknown}};
  for (const auto& [body, state] : cases) {
    line.answer(200, body);
    const TranscodingResult result = download().transcoding("7");
    EXPECT_EQ(result.call.kind, SendResult::Kind::Delivered);
    EXPECT_EQ(result.state, state) << body;
    EXPECT_EQ(line.last().path, "/v2/bot/message/7/content/transcoding");
  }
  line.answer(400, "{}");
  EXPECT_EQ(download().transcoding("7").call.kind, SendResult::Kind::Refused);
}

TEST(MediaTypes, AreReadStrictly) {
  EXPECT_EQ(mediaTypeOf(" Video/MP4 ; codecs=\"x\""), "video/mp4");
  EXPECT_EQ(mediaTypeOf("text/plain"), "text/plain");
  for (const char* bad : {"", " ", "jpeg", "image/", "/jpeg", "image/jp eg", "image/jpeg/x", "image/\"jpeg\"", ";"})
    EXPECT_EQ(mediaTypeOf(bad), "") << bad;
  EXPECT_EQ(mediaTypeOf("a/" + std::string(200, 'b')), "");
}

TEST(MediaTypes, ExtensionsComeFromTheTableOnly) {
  EXPECT_EQ(extensionOf("image/png"), "png");
  EXPECT_EQ(extensionOf("audio/x-m4a"), "m4a");
  EXPECT_EQ(extensionOf("application/pdf"), "pdf");
  for (const char* other : {"", "text/html", "image/svg+xml", "application/x-sh", "../etc"})
    EXPECT_EQ(extensionOf(other), "bin") << other;
}

}  // namespace
}  // namespace tsunagi::line
