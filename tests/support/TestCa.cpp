#include "tests/support/TestCa.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace tsunagi::test {

namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

constexpr int64_t CA_SECONDS = 10 * 24 * 3600;

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test CA: ") + what);
}

Key makeKey() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  must(key != nullptr, "no key");
  return key;
}

void addExtension(X509* certificate, X509* issuer, int id, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, text.c_str());
  must(extension != nullptr, text.c_str());
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  must(added == 1, "extension");
}

// A certificate without signature; issuer may be null for one that signs itself.
Certificate draft(const std::string& name, EVP_PKEY* key, X509* issuer, int64_t fromSeconds, int64_t untilSeconds) {
  Certificate certificate(X509_new(), X509_free);
  must(certificate != nullptr, "no certificate");
  X509* raw = certificate.get();
  unsigned char serial[15];
  must(RAND_bytes(serial, sizeof serial) == 1, "randomness");
  serial[0] = 1;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw));
  BN_free(number);
  X509_set_version(raw, X509_VERSION_3);
  std::time_t now = std::time(nullptr);
  must(X509_time_adj_ex(X509_getm_notBefore(raw), 0, static_cast<long>(fromSeconds), &now) != nullptr, "time");
  must(X509_time_adj_ex(X509_getm_notAfter(raw), 0, static_cast<long>(untilSeconds), &now) != nullptr, "time");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(raw, X509_get_subject_name(issuer ? issuer : raw));
  must(X509_set_pubkey(raw, key) == 1, "key");
  return certificate;
}

void writePem(const std::string& path, const std::vector<X509*>& certificates) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  must(file != nullptr, path.c_str());
  bool good = true;
  for (X509* certificate : certificates) good = good && PEM_write_X509(file, certificate) == 1;
  must((std::fclose(file) == 0) && good, path.c_str());
}

void writeKey(const std::string& path, EVP_PKEY* key) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  must(file != nullptr, path.c_str());
  ::chmod(path.c_str(), 0600);
  const bool good = PEM_write_PKCS8PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  must((std::fclose(file) == 0) && good, path.c_str());
}

}  // namespace

struct TestCa::Authority {
  Key key = makeKey();
  Certificate certificate;

  Authority(const std::string& name, const Authority* parent) {
    X509* issuer = parent ? parent->certificate.get() : nullptr;
    certificate = draft(name, key.get(), issuer, -CA_SECONDS, CA_SECONDS);
    X509* raw = certificate.get();
    addExtension(raw, issuer ? issuer : raw, NID_basic_constraints, "critical,CA:TRUE");
    addExtension(raw, issuer ? issuer : raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    addExtension(raw, issuer ? issuer : raw, NID_subject_key_identifier, "hash");
    must(X509_sign(raw, (parent ? parent->key : key).get(), EVP_sha256()) > 0, "signature");
  }
};

TestCa::TestCa(std::string folder) : _folder(std::move(folder)), _caFile(_folder + "/ca.pem") {
  std::filesystem::create_directories(_folder);
  _root = std::make_unique<Authority>("Tsunagi test root", nullptr);
  _intermediate = std::make_unique<Authority>("Tsunagi test intermediate", _root.get());
  writePem(_caFile, {_root->certificate.get()});
}

TestCa::~TestCa() = default;

TestCa::Leaf TestCa::issue(const Subject& subject) const {
  const Key key = makeKey();
  const Authority* signer = subject.byIntermediate ? _intermediate.get() : _root.get();
  X509* issuer = subject.selfSigned ? nullptr : signer->certificate.get();
  const Certificate leaf = draft("Tsunagi test server", key.get(), issuer, subject.fromSeconds, subject.untilSeconds);
  X509* raw = leaf.get();
  std::string alternatives;
  for (const std::string& name : subject.names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& ip : subject.ips) alternatives += (alternatives.empty() ? "IP:" : ",IP:") + ip;
  addExtension(raw, issuer ? issuer : raw, NID_basic_constraints, "critical,CA:FALSE");
  addExtension(raw, issuer ? issuer : raw, NID_key_usage, "critical,digitalSignature");
  addExtension(raw, issuer ? issuer : raw, NID_ext_key_usage, "serverAuth");
  if (!alternatives.empty()) addExtension(raw, issuer ? issuer : raw, NID_subject_alt_name, alternatives);
  must(X509_sign(raw, (issuer ? signer->key : key).get(), EVP_sha256()) > 0, "signature");

  const std::string base = _folder + "/leaf" + std::to_string(_issued++);
  Leaf files{base + ".pem", base + ".key"};
  std::vector<X509*> chain{raw};
  if (subject.byIntermediate && !subject.withoutChain) chain.push_back(_intermediate->certificate.get());
  writePem(files.certificateFile, chain);
  writeKey(files.keyFile, key.get());
  return files;
}

}  // namespace tsunagi::test
