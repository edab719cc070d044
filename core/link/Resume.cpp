#include "link/Resume.h"

namespace tsunagi::link {

namespace {

std::optional<SeqRange> rangeOf(uint64_t from, uint64_t to) {
  if (from > to) return std::nullopt;
  return SeqRange{from, to};
}

ResumeDecision newEpoch(const QueueState& queue, std::optional<SeqRange> gap) {
  return {ResumeDecision::Kind::NewEpoch, queue.acknowledged, gap};
}

ResumeDecision continueFrom(uint64_t acknowledgeUpTo, std::optional<SeqRange> gap) {
  return {ResumeDecision::Kind::Continue, acknowledgeUpTo, gap};
}

}  // namespace

ResumeDecision decideResume(const QueueState& queue, const ResumeRequest& hello,
                            const std::optional<std::string>& idAtLastSeq) {
  // An empty store: nothing it could confuse, so the numbers stay; what an earlier store acknowledged it does not have.
  if (hello.epoch.empty()) return continueFrom(queue.acknowledged, rangeOf(1, queue.acknowledged));

  // A store that followed another queue. Its keys epoch:seq may stem from numbers that this queue gives out again, when
  // it is this queue that went back in time: only fresh numbers are safe.
  if (hello.epoch != queue.epoch) return newEpoch(queue, rangeOf(1, queue.acknowledged));

  if (hello.lastSeq >= queue.nextSeq) return newEpoch(queue, std::nullopt);
  if (hello.lastSeq < queue.acknowledged) {
    return continueFrom(queue.acknowledged, rangeOf(hello.lastSeq + 1, queue.acknowledged));
  }
  if (hello.lastSeq == queue.acknowledged) {
    if (hello.lastSeq != 0 && hello.lastId != queue.acknowledgedId) return newEpoch(queue, std::nullopt);
    return continueFrom(queue.acknowledged, std::nullopt);
  }
  if (!idAtLastSeq || *idAtLastSeq != hello.lastId) return newEpoch(queue, std::nullopt);
  return continueFrom(hello.lastSeq, std::nullopt);
}

}  // namespace tsunagi::link
