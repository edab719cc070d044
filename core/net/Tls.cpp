#include "net/Tls.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetSSL.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "base/Deferred.h"
#include "base/ErrnoText.h"
#include "net/TlsTicketKeys.h"

namespace tsunagi::net {

namespace {

constexpr const char* CIPHERS_OF_TLS12 = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

void startOpenSsl() {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Net::initializeSSL(); });
}

// An encrypted key is an error here, never a question on the console.
int refusePassphrase(char*, int, int, void*) { return -1; }

std::string lastReason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return text ? text : "unknown reason";
}

// Opens a regular file for reading, or says why not.
Result<std::FILE*> openFile(const std::string& path, const char* what) {
  const auto problem = [&](const std::string& why) {
    return Error{std::string("cannot read the TLS ") + what + " file " + path + ": " + why};
  };
  if (path.empty()) return Error{std::string("no TLS ") + what + " file is named"};
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) return problem(errnoText(errno));
  struct stat info {};
  if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
    std::fclose(file);
    return problem("it is not a regular file");
  }
  return file;
}

// The certificates of a PEM file in their order.
Result<std::vector<std::shared_ptr<X509>>> readCertificates(const std::string& path, const char* what) {
  Result<std::FILE*> file = openFile(path, what);
  if (!file) return Error{file.error()};
  const Deferred close([&] { std::fclose(*file); });
  std::vector<std::shared_ptr<X509>> found;
  ERR_clear_error();
  while (X509* certificate = PEM_read_X509_AUX(*file, nullptr, refusePassphrase, nullptr))
    found.emplace_back(certificate, X509_free);
  const bool damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
  const std::string reason = lastReason();
  if (damaged) return Error{std::string("the TLS ") + what + " file " + path + " is damaged: " + reason};
  if (found.empty())
    return Error{std::string("the TLS ") + what + " file " + path +
                 " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"};
  return found;
}

Result<std::shared_ptr<EVP_PKEY>> readKey(const std::string& path) {
  Result<std::FILE*> file = openFile(path, "key");
  if (!file) return Error{file.error()};
  const Deferred close([&] { std::fclose(*file); });
  ERR_clear_error();
  std::shared_ptr<EVP_PKEY> key(PEM_read_PrivateKey(*file, nullptr, refusePassphrase, nullptr), EVP_PKEY_free);
  if (!key)
    return Error{"the TLS key file " + path +
                 " holds no private key in PEM form that can be read without a passphrase: " + lastReason() +
                 " (take the passphrase off with: openssl pkey -in KEY -out NEWKEY)"};
  return key;
}

Poco::Net::Context::Params baseParams(Poco::Net::Context::VerificationMode mode) {
  Poco::Net::Context::Params params;
  params.verificationMode = mode;
  params.loadDefaultCAs = false;
  params.cipherList = CIPHERS_OF_TLS12;
  return params;
}

// Our rules on top of what Poco has set.
bool harden(SSL_CTX* context) {
  char groups[] = "X25519:P-256:P-384";
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, refusePassphrase);
  SSL_CTX_set_read_ahead(context, 0);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, CIPHERS_OF_TLS12) == 1 && SSL_CTX_set1_groups_list(context, groups) == 1;
}

}  // namespace

struct TlsContext::State {
  Poco::Net::Context::Ptr context;
};

namespace {

void freeKeys(void*, void* pointer, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<TlsTicketKeys*>(pointer); }

// Gives the ticket keys to the context, so that they live as long as its last session.
bool installTicketKeys(SSL_CTX* context) {
  static const int ownerIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, freeKeys);
  auto keys = std::make_unique<TlsTicketKeys>(Clock::system());
  keys->install(context);
  if (SSL_CTX_set_ex_data(context, ownerIndex, keys.get()) != 1) return false;
  static_cast<void>(keys.release());
  return true;
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<State> state) : _state(std::move(state)) {}
TlsContext::~TlsContext() = default;
SSL_CTX* TlsContext::native() const { return _state->context->sslContext(); }

Result<std::shared_ptr<const TlsContext>> TlsContext::makeServer(const TlsServerOptions& options) {
  startOpenSsl();
  auto chain = readCertificates(options.certificateFile, "certificate");
  if (!chain) return Error{chain.error()};
  auto key = readKey(options.keyFile);
  if (!key) return Error{key.error()};
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return Error{"the TLS key in " + options.keyFile + " does not belong to the first certificate in " +
                 options.certificateFile + " (the server's own certificate must stand first)"};
  }
  auto state = std::make_unique<State>();
  try {
    state->context =
        new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, baseParams(Poco::Net::Context::VERIFY_NONE));
  } catch (const Poco::Exception& e) {
    return Error{"cannot make a TLS context: " + e.displayText()};
  }
  ERR_clear_error();
  SSL_CTX* context = state->context->sslContext();
  bool good = harden(context);
  // Clients are known by their tokens, not by certificates. Poco's own callback would raise events.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  good = good && SSL_CTX_set_num_tickets(context, 1) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_recv_max_early_data(context, 0) == 1 && installTicketKeys(context);
  good = good && SSL_CTX_use_certificate(context, chain->front().get()) == 1;
  for (size_t i = 1; good && i < chain->size(); ++i) good = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  good = good && SSL_CTX_use_PrivateKey(context, key->get()) == 1;
  if (!good)
    return Error{"OpenSSL refuses the TLS certificate in " + options.certificateFile + " or its key: " + lastReason()};
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(state)));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::makeClient(const TlsClientOptions& options) {
  startOpenSsl();
  if (!options.caFile.empty()) {
    const auto certificates = readCertificates(options.caFile, "CA");
    if (!certificates) return Error{certificates.error()};
  }
  auto state = std::make_unique<State>();
  try {
    Poco::Net::Context::Params params = baseParams(Poco::Net::Context::VERIFY_STRICT);
    params.caLocation = options.caFile;
    params.loadDefaultCAs = options.caFile.empty();
    state->context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params);
  } catch (const Poco::Exception& e) {
    return Error{"cannot make a TLS context: " + e.displayText()};
  }
  ERR_clear_error();
  SSL_CTX* context = state->context->sslContext();
  const bool good = harden(context);
  // Poco's own callback may be told by a handler to let a bad certificate pass; OpenSSL's verdict alone counts here.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, nullptr, nullptr);
  if (!good) return Error{"OpenSSL refuses our TLS settings: " + lastReason()};
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(state)));
}

}  // namespace tsunagi::net
