#include "kit/BackendError.hpp"

#include <gtest/gtest.h>

namespace responder {
namespace {

Error asError(int status, std::string_view body, int64_t retryAfter = 0) {
  return BackendError::ofResponse(status, body).asError(retryAfter);
}

TEST(BackendErrorTest, TheShapesOfErrors) {
  EXPECT_STREQ(asError(400, R"({"error":{"message":"Unknown agent 'x'.","type":"invalid_request_error"}})").what(),
               "HTTP 400: Unknown agent 'x'.");
  EXPECT_STREQ(asError(404, R"({"error":"model 'x' not found"})").what(), "HTTP 404: model 'x' not found");
  EXPECT_STREQ(asError(500, R"({"object":"error","message":"vLLM"})").what(), "HTTP 500: vLLM");
  EXPECT_STREQ(asError(422, R"({"detail":"FastAPI"})").what(), "HTTP 422: FastAPI");
  EXPECT_STREQ(asError(502, "<html><head><title>502 Bad\n Gateway</title></head>").what(), "HTTP 502: 502 Bad Gateway");
  EXPECT_STREQ(asError(502, "<!DOCTYPE html><p>").what(), "HTTP 502: a page of HTML");
  EXPECT_STREQ(asError(500, "").what(), "HTTP 500");
  EXPECT_FALSE(BackendError::of(nlohmann::json::parse(R"({"error":null,"choices":[]})")));
  EXPECT_FALSE(BackendError::of(nlohmann::json::parse(R"({"error":"","choices":[]})")));
  EXPECT_FALSE(BackendError::of(nlohmann::json::parse("[]")));
}

TEST(BackendErrorTest, CodesSayWhatCanBeDone) {
  EXPECT_EQ(asError(401, R"({"error":{"message":"Unauthorized"}})").code(), RSP_E_AUTH);
  EXPECT_EQ(asError(403, R"({"error":{"message":"x","type":"proxy_attribution_required"}})").code(), RSP_E_INVALID);
  EXPECT_EQ(asError(404, "Not Found").code(), RSP_E_INVALID);
  EXPECT_NE(std::string(asError(404, "Not Found").what()).find("switched off"), std::string::npos);
  EXPECT_EQ(asError(404, R"({"error":"No models loaded. Please load a model"})").code(), RSP_E_UNAVAILABLE);
  EXPECT_EQ(asError(429, R"({"error":{"message":"slow","code":"rate_limit_exceeded"}})", 7000).retryAfterMs(), 7000);
  EXPECT_EQ(asError(429, R"({"error":{"message":"x","code":"insufficient_quota"}})").code(), RSP_E_AUTH);
  EXPECT_EQ(asError(400, R"({"error":{"message":"x","type":"exceed_context_size_error","n_ctx":4096}})").code(),
            RSP_E_TOO_LONG);
  EXPECT_EQ(asError(400, R"({"error":{"message":"x","code":"context_length_exceeded"}})").code(), RSP_E_TOO_LONG);
  EXPECT_EQ(asError(500, R"({"error":{"message":"image input is not supported","code":500}})").code(),
            RSP_E_UNSUPPORTED);
  EXPECT_EQ(asError(503, R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})").code(),
            RSP_E_UNAVAILABLE);
  EXPECT_EQ(asError(302, "").code(), RSP_E_INVALID);
  EXPECT_EQ(asError(402, "").code(), RSP_E_AUTH);
}

TEST(BackendErrorTest, AnErrorInsideA200) {
  const auto error = [](const char* json) {
    const auto found = BackendError::of(nlohmann::json::parse(json));
    return found ? found->asError().code() : RSP_OK;
  };
  EXPECT_EQ(error(R"({"error":{"code":429,"message":"busy"}})"), RSP_E_RATE_LIMITED);
  EXPECT_EQ(error(R"({"error":{"message":"429 …; Retry-After: 2 seconds","type":"rate_limit_error"}})"),
            RSP_E_RATE_LIMITED);
  EXPECT_EQ(error(R"({"error":{"message":"upstream provider timeout","type":"api_error"}})"), RSP_E_UNAVAILABLE);
  EXPECT_EQ(error(R"x({"error":"Unexpected endpoint or method. (POST /chat/completions)"})x"), RSP_E_INVALID);
}

TEST(BackendErrorTest, RetryAfter) {
  EXPECT_EQ(retryAfterMs("7"), 7000);
  EXPECT_EQ(retryAfterMs("1.5"), 1000);
  EXPECT_EQ(retryAfterMs("86400"), 300'000) << "never longer than five minutes";
  EXPECT_EQ(retryAfterMs("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
  EXPECT_EQ(retryAfterMs("-1"), 0);
  EXPECT_EQ(retryAfterMs(""), 0);
  EXPECT_EQ(retryAfterMs("7x"), 0);
  EXPECT_EQ(retryAfterMs("99999999999999999999"), 0);
}

}  // namespace
}  // namespace responder
