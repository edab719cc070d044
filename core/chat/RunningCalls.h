#pragma once
#include <mutex>
#include <set>

#include "chat/AnswerSource.h"

namespace tsunagi::chat {

// The calls to responders that run now, so that shutdown can end them. Thread-safe.
class RunningCalls {
 public:
  // Enters a call for as long as the object lives; a call that enters after cancelAll() is cancelled at once.
  class Entry {
   public:
    Entry(RunningCalls& owner, AnswerCall& call);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    RunningCalls& _owner;
    AnswerCall& _call;
  };

  void cancelAll();
  bool cancelled() const;
  size_t count() const;

 private:
  mutable std::mutex _mutex;
  std::set<AnswerCall*> _calls;
  bool _cancelled = false;
};

}  // namespace tsunagi::chat
