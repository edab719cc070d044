#include "line/Signature.h"

#include <gtest/gtest.h>

namespace tsunagi::line {
namespace {

struct Vector {
  const char* secret;
  const char* body;
  const char* signature;
};

// LINE's documentation, a public SDK's test, and one text as escapes and as plain UTF-8 (line-api.md section 2).
const Vector VECTORS[] = {
    {"8c570fa6dd201bb328f1c1eac23a96d8", R"({"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]})",
     "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="},
    {"test_secret", R"({"hello":"world"})", "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="},
    {"8c570fa6dd201bb328f1c1eac23a96d8", R"({"text":"\uD83E\uDD28"})", "rfDL4ieIWnlfKJlN4kXGGnfj+xY0CsfFgf1mtS8DGNA="},
    {"8c570fa6dd201bb328f1c1eac23a96d8", "{\"text\":\"\xF0\x9F\xA4\xA8\"}",
     "AoEqzJbJRTGA0MmdGinEUQBSdD1TCix/kyDzbNmQfdI="},
};

TEST(SignatureVerifier, KnownAnswers) {
  for (const auto& vector : VECTORS) {
    const SignatureVerifier verifier{SecretString(vector.secret)};
    EXPECT_EQ(verifier.sign(vector.body), vector.signature);
    EXPECT_TRUE(verifier.verify(vector.body, vector.signature)) << vector.body;
  }
}

TEST(SignatureVerifier, AReEncodedBodyDoesNotVerify) {
  const SignatureVerifier verifier{SecretString(VECTORS[2].secret)};
  EXPECT_FALSE(verifier.verify(VECTORS[3].body, VECTORS[2].signature));
  EXPECT_FALSE(verifier.verify(VECTORS[2].body, VECTORS[3].signature));
}

TEST(SignatureVerifier, EveryChangedByteOfBodyOrSignatureIsSeen) {
  const SignatureVerifier verifier{SecretString(VECTORS[0].secret)};
  std::string body = VECTORS[0].body;
  for (char& c : body) {
    c ^= 1;
    EXPECT_FALSE(verifier.verify(body, VECTORS[0].signature));
    c ^= 1;
  }
  std::string signature = VECTORS[0].signature;
  for (char& c : signature) {
    const char kept = c;
    c = c == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier.verify(body, signature)) << signature;
    c = kept;
  }
  EXPECT_TRUE(verifier.verify(body, signature));
}

TEST(SignatureVerifier, OnlyStrictBase64Of32BytesIsWellFormed) {
  const std::string good = VECTORS[0].signature;
  EXPECT_TRUE(SignatureVerifier::wellFormed(good));
  const std::string bad[] = {"",
                             good.substr(0, 43),                              // unpadded
                             good + "=",                                      //
                             " " + good,                                      //
                             good + "\n",                                     //
                             "GhRKmvmHys4Pi8DxkF4-EayaH0OqtJtaZxgTD9fMDLs=",  // base64url
                             "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLt=",  // not canonical: spare bits set
                             "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDA==",  // 31 bytes
                             "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLsA",  // 33 bytes
                             good + good};
  const SignatureVerifier verifier{SecretString(VECTORS[0].secret)};
  for (const auto& text : bad) {
    EXPECT_FALSE(SignatureVerifier::wellFormed(text)) << text;
    EXPECT_FALSE(verifier.verify(VECTORS[0].body, text)) << text;
  }
}

TEST(SignatureVerifier, AnEmptySecretVerifiesNothing) {
  const SignatureVerifier verifier{SecretString()};
  EXPECT_FALSE(verifier.verify("body", verifier.sign("body")));
}

TEST(SignatureVerifier, TheSecretIsTextAndNotHex) {
  const SignatureVerifier lower{SecretString("abcdef01")};
  const SignatureVerifier upper{SecretString("ABCDEF01")};
  EXPECT_NE(lower.sign("x"), upper.sign("x"));
}

}  // namespace
}  // namespace tsunagi::line
