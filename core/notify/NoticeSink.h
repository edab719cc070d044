#pragma once
#include <string>

#include "notify/NoticeBook.h"

namespace tsunagi::net {
class CancelToken;
}

namespace tsunagi::notify {

// A way to tell the owner.
class NoticeSink {
 public:
  enum class Outcome {
    Done,   // told
    Later,  // try again
    Never   // it is of no use to try again
  };
  virtual ~NoticeSink() = default;
  virtual std::string name() const = 0;  // the same in every run: it is written down who has which notice
  // Blocks for at most a call's deadline; must not throw. cancel ends it early (Later). [notify thread]
  virtual Outcome deliver(const NoticeEntry& entry, net::CancelToken& cancel) = 0;
};

}  // namespace tsunagi::notify
