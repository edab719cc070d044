#include "relay/spool/SpoolWork.h"

#include <algorithm>
#include <iterator>

#include "relay/spool/SpoolLedger.h"

namespace tsunagi::relay {

bool SpoolWork::empty() const { return appends.empty() && others() == 0 && acknowledgements.empty() && !sweep; }

void SpoolWork::acknowledge(std::string unit, std::string epoch, uint64_t seq) {
  Acknowledgement& waiting = acknowledgements[std::move(unit)];
  if (waiting.epoch != epoch) waiting = {std::move(epoch), seq};
  waiting.seq = std::max(waiting.seq, seq);
}

void SpoolWork::apply(SpoolLedger& ledger, int64_t notBeforeMs) {
  for (const Mark& mark : marks) {
    QueueRow* row = ledger.find(mark.unit);
    if (row == nullptr || row->counters.epoch != mark.epoch) continue;
    if (mark.reason.empty())
      ledger.addAttempt(*row, mark.seq);
    else
      ledger.bury(*row, mark.seq, mark.reason);
  }
  applyAcknowledgements(ledger);
  for (Remove& remove : removals) {
    QueueRow& row = ledger.obtain(remove.unit);
    remove.step = {};
    remove.finished = ledger.removeUnit(row, remove.purge, SpoolLedger::MAX_DELETES, remove.step);
  }
  for (Resume& resume : resumes) applyResume(ledger, resume);
  for (Append& append : appends) {
    if (!_takeAppends) break;
    if (append.queuedMs < notBeforeMs)
      append.result.outcome = AppendOutcome::Late;
    else
      append.result = ledger.append(append.event);
  }
  if (sweep) _sweepLeft = !ledger.expire(SpoolLedger::MAX_DELETES) || !ledger.purgeDead(SpoolLedger::MAX_DELETES);
}

void SpoolWork::applyAcknowledgements(SpoolLedger& ledger) {
  for (const auto& [unit, acknowledgement] : acknowledgements) {
    QueueRow* row = ledger.find(unit);
    if (row == nullptr || row->counters.epoch != acknowledgement.epoch) continue;
    if (!ledger.acknowledge(*row, acknowledgement.seq, SpoolLedger::MAX_DELETES)) _left[unit] = acknowledgement;
  }
}

void SpoolWork::applyResume(SpoolLedger& ledger, Resume& resume) {
  QueueRow& row = ledger.obtain(resume.unit);
  // What is acknowledged must be gone before a new epoch numbers the rest.
  if (const auto left = _left.find(resume.unit); left != _left.end()) {
    ledger.acknowledge(row, left->second.seq, SIZE_MAX >> 1);
    _left.erase(left);
  }
  uint64_t upTo = 0;
  resume.outcome = ledger.resume(row, resume.request, SpoolLedger::ResumeMode::Write, upTo);
  if (upTo != 0) _left[resume.unit] = {resume.outcome.epoch, upTo};
}

void SpoolWork::refuse(SpoolLedger& ledger) {
  _left.clear();
  for (Append& append : appends) append.result = {};
  for (Remove& remove : removals) remove.finished = false;
  for (Resume& resume : resumes) {
    resume.outcome = {};
    QueueRow* row = ledger.find(resume.unit);
    if (row == nullptr) continue;
    uint64_t upTo = 0;
    resume.outcome = ledger.resume(*row, resume.request, SpoolLedger::ResumeMode::ReadOnly, upTo);
    if (upTo != 0) acknowledge(resume.unit, resume.outcome.epoch, upTo);
  }
}

SpoolWork SpoolWork::takeLeft(bool committed, bool keep) {
  SpoolWork left;
  if (committed) {
    left.acknowledgements = std::move(_left);
    left.sweep = _sweepLeft;
    for (Remove& remove : removals) {
      remove.committed.pending += remove.step.pending;
      remove.committed.dead += remove.step.dead;
      if (!remove.finished) left.removals.push_back(std::move(remove));
    }
    removals.erase(std::remove_if(removals.begin(), removals.end(), [](auto& r) { return !r.finished; }),
                   removals.end());
  } else if (keep) {
    left.acknowledgements = std::move(acknowledgements);
    std::copy_if(std::make_move_iterator(marks.begin()), std::make_move_iterator(marks.end()),
                 std::back_inserter(left.marks), [](const Mark& mark) { return !mark.reason.empty(); });
  }
  return left;
}

void SpoolWork::finish() {
  for (const Append& append : appends) append.done(append.result);
  for (const Resume& resume : resumes) resume.done(resume.outcome);
  for (const Remove& remove : removals) remove.done(remove.finished ? std::optional(remove.committed) : std::nullopt);
}

}  // namespace tsunagi::relay
