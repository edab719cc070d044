#include "net/TlsSocketBio.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace tsunagi::net {

namespace {

int descriptorOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

bool isTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int writeSocket(BIO* bio, const char* data, size_t size, size_t* done) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(descriptorOf(bio), data, size, MSG_NOSIGNAL);
  *done = count > 0 ? static_cast<size_t>(count) : 0;
  if (count < 0 && isTransient(errno)) BIO_set_retry_write(bio);
  return count > 0 ? 1 : 0;
}

int readSocket(BIO* bio, char* data, size_t size, size_t* done) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(descriptorOf(bio), data, size, 0);
  *done = count > 0 ? static_cast<size_t>(count) : 0;
  if (count < 0 && isTransient(errno)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return count > 0 ? 1 : 0;
}

long controlSocket(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
      return 0;
  }
}

BIO_METHOD* makeMethod() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
  if (!method) return nullptr;
  BIO_meth_set_write_ex(method, writeSocket);
  BIO_meth_set_read_ex(method, readSocket);
  BIO_meth_set_ctrl(method, controlSocket);
  return method;
}

}  // namespace

BIO* makeSocketBio(int fd) {
  static BIO_METHOD* const method = makeMethod();
  BIO* bio = method ? BIO_new(method) : nullptr;
  if (!bio) return nullptr;
  // OpenSSL has room for a pointer only.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace tsunagi::net
