#pragma once
#include <utility>

#include "tools/linesim/BotAnswers.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

// What every call of the API that sends no messages goes through: the lock, a request id, and the endpoint's faults
// around look(answer), which fills the answer in.
template <typename Look>
BotAnswer Platform::lookUp(const std::string& endpoint, const BotCall& call, Look look) {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = start(endpoint, call);
  if (answer.status != 200) return answer;
  const auto fault = _faults.take(endpoint);
  if (fault && !fault->afterEffect) {
    spoil(answer, *fault);
    return answer;
  }
  answer = look(std::move(answer));
  answer.effect = true;
  if (fault) spoil(answer, *fault);
  return answer;
}

}  // namespace tsunagi::linesim
