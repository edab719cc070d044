#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>

#include "base/ErrnoText.h"
#include "base/LogEscape.h"
#include "net/Tls.h"
#include "net/TlsSocketBio.h"

namespace tsunagi::net {

namespace {

bool isIpLiteral(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

// Makes the peer's certificate answer for host.
bool expectHost(SSL* ssl, const std::string& host) {
  if (host.empty() || host.find('\0') != std::string::npos) return false;
  if (isIpLiteral(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

SSL* makeSsl(SSL_CTX* context, int fd) {
  ERR_clear_error();
  SSL* ssl = SSL_new(context);
  BIO* bio = ssl ? makeSocketBio(fd) : nullptr;
  if (!bio) {
    SSL_free(ssl);
    return nullptr;
  }
  SSL_set_bio(ssl, bio, bio);
  return ssl;
}

std::string certificateError(long verdict, const std::string& host) {
  std::string text = "the server's certificate was refused: ";
  text += X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return text + "; it does not carry " + logEscape(host) + " (is the URL's host right, or is this another server?)";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return text + " (renew it; if it should be valid, check this machine's clock)";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return text + " (for a private CA name its certificate as ca_file)";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return text + " (the server must send its intermediate certificates; for a private CA name it as ca_file)";
    default:
      return text;
  }
}

}  // namespace

TlsSession::TlsSession(SSL* ssl, std::string host) : _ssl(ssl), _host(std::move(host)) {}

TlsSession::~TlsSession() { SSL_free(_ssl); }

std::unique_ptr<TlsSession> TlsSession::accept(const TlsContext& context, int fd) {
  SSL* ssl = makeSsl(context.native(), fd);
  std::unique_ptr<TlsSession> session(new TlsSession(ssl, {}));
  if (ssl)
    SSL_set_accept_state(ssl);
  else
    session->fail("cannot start TLS: out of memory");
  return session;
}

std::unique_ptr<TlsSession> TlsSession::connect(const TlsContext& context, int fd, const std::string& host) {
  // The dot that ends a fully qualified name is not part of the name in certificates.
  const bool rooted = host.size() > 1 && host.back() == '.';
  SSL* ssl = makeSsl(context.native(), fd);
  std::unique_ptr<TlsSession> session(new TlsSession(ssl, rooted ? host.substr(0, host.size() - 1) : host));
  if (!ssl) {
    session->fail("cannot start TLS: out of memory");
    return session;
  }
  SSL_set_connect_state(ssl);
  // Said again for this connection: whatever the context says, an unverified peer ends the handshake.
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  if (!expectHost(ssl, session->_host)) session->fail("the server's name cannot be checked: " + logEscape(host));
  return session;
}

TlsStatus TlsSession::fail(std::string error) {
  _broken = true;
  _error = std::move(error);
  return TlsStatus::Failed;
}

std::string TlsSession::handshakeError() const {
  const long verdict = SSL_get_verify_result(_ssl);
  if (verdict != X509_V_OK) return certificateError(verdict, _host);
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  const char* text = ERR_reason_error_string(code);
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return text ? text : "unknown reason";
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return certificateError(SSL_get_verify_result(_ssl), _host);
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return std::string(text ? text : "protocol") + ": the other side does not speak TLS 1.2 or newer";
    case SSL_R_HTTP_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return "the other side does not speak TLS here (is it plain http or ws?)";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return "the other side closed the connection";
    default:
      return text ? text : "unknown reason";
  }
}

TlsStatus TlsSession::statusOf(int result, const char* what) {
  const int systemError = errno;
  const int kind = SSL_get_error(_ssl, result);
  const bool inHandshake = !SSL_is_init_finished(_ssl);
  TlsStatus status = TlsStatus::Failed;
  switch (kind) {
    case SSL_ERROR_WANT_READ:
      status = TlsStatus::WantRead;
      break;
    case SSL_ERROR_WANT_WRITE:
      status = TlsStatus::WantWrite;
      break;
    case SSL_ERROR_ZERO_RETURN:
      _cleanEnd = true;
      status = TlsStatus::Closed;
      if (inHandshake) fail(std::string(what) + " failed: the other side closed the connection");
      break;
    case SSL_ERROR_SYSCALL:
      fail(std::string(what) +
           " failed: " + (systemError ? errnoText(systemError) : std::string("the other side closed the connection")));
      if (!systemError) status = TlsStatus::Closed;
      break;
    default:
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING && !inHandshake) {
        fail("the TLS connection was cut: it ended without a closing message");
        status = TlsStatus::Closed;
      } else {
        fail(std::string(what) + " failed: " + handshakeError());
      }
  }
  ERR_clear_error();
  return inHandshake && status == TlsStatus::Closed ? TlsStatus::Failed : status;
}

TlsStatus TlsSession::handshake() {
  if (_broken) return TlsStatus::Failed;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(_ssl);
  return result == 1 ? TlsStatus::Done : statusOf(result, "TLS handshake");
}

TlsStatus TlsSession::read(char* data, size_t size, size_t& done) {
  done = 0;
  if (_broken) return TlsStatus::Failed;
  if (_cleanEnd) return TlsStatus::Closed;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_read_ex(_ssl, data, size, &done);
  return result == 1 ? TlsStatus::Done : statusOf(result, "TLS read");
}

TlsStatus TlsSession::write(const char* data, size_t size, size_t& done) {
  done = 0;
  if (_broken) return TlsStatus::Failed;
  if (size == 0) return TlsStatus::Done;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_write_ex(_ssl, data, size, &done);
  return result == 1 ? TlsStatus::Done : statusOf(result, "TLS write");
}

TlsStatus TlsSession::shutdown() {
  if (_broken) return TlsStatus::Failed;
  if (!SSL_is_init_finished(_ssl)) return TlsStatus::Done;
  ERR_clear_error();
  errno = 0;
  const int result = SSL_shutdown(_ssl);
  return result >= 0 ? TlsStatus::Done : statusOf(result, "TLS shutdown");
}

bool TlsSession::cleanEnd() const { return _cleanEnd; }

size_t TlsSession::pending() const { return _broken ? 0 : static_cast<size_t>(SSL_pending(_ssl)); }

}  // namespace tsunagi::net
