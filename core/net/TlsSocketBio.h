#pragma once

typedef struct bio_st BIO;

namespace tsunagi::net {

// A BIO over a non-blocking socket it does not own, like OpenSSL's own but with MSG_NOSIGNAL: a peer that is gone is an
// error, not a SIGPIPE. nullptr when out of memory.
BIO* makeSocketBio(int fd);

}  // namespace tsunagi::net
