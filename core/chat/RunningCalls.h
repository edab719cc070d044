#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "chat/AnswerSource.h"

namespace tsunagi::chat {

// The calls to responders that run now, so that shutdown, and the people who asked, can end them. Thread-safe.
class RunningCalls {
 public:
  using Key = std::pair<int64_t, std::string>;  // channel and conversation: a conversation has one call at a time

  // Enters a call for as long as the object lives; a call that enters after cancelAll() is cancelled at once.
  class Entry {
   public:
    Entry(RunningCalls& owner, AnswerCall& call, Key key);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    RunningCalls& _owner;
    AnswerCall& _call;
    const Key _key;
  };

  void cancelAll();
  bool cancelled() const;  // cancelAll() was called
  // Ends the call of that conversation. False: none runs.
  bool cancel(const Key& key);
  // Was the last call of that conversation ended by cancel()? Forgets it.
  bool takeStopped(const Key& key);
  size_t count() const;

 private:
  mutable std::mutex _mutex;
  std::map<Key, AnswerCall*> _calls;
  std::set<Key> _stopped;
  bool _cancelled = false;
};

}  // namespace tsunagi::chat
