#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "link/Resume.h"
#include "relay/spool/SpoolTypes.h"

namespace tsunagi::relay {

class SpoolLedger;

// What waits for the spool's writer, and becomes one group: one transaction, one sync.
class SpoolWork {
 public:
  struct Append {
    NewEvent event;
    std::function<void(AppendResult)> done;
    int64_t queuedMs = 0;
    AppendResult result = {};
  };
  struct Resume {
    std::string unit;
    link::ResumeRequest request;
    std::function<void(ResumeOutcome)> done;
    ResumeOutcome outcome = {};
  };
  struct Mark {
    std::string unit, epoch;
    uint64_t seq = 0;
    std::string reason;  // of a burial; empty: an attempt
  };
  struct Remove {
    std::string unit;
    bool purge = false;
    std::function<void(std::optional<Removal>)> done;
    Removal committed = {};  // by earlier groups
    Removal step = {};       // by this one
    bool finished = false;
  };
  struct Acknowledgement {
    std::string epoch;
    uint64_t seq = 0;
  };

  std::vector<Append> appends;
  std::vector<Resume> resumes;
  std::vector<Mark> marks;
  std::vector<Remove> removals;
  std::map<std::string, Acknowledgement> acknowledgements;  // by unit; the highest
  uint64_t appendBytes = 0;
  bool sweep = false;  // look for events and dead letters past their age

  bool empty() const;
  size_t others() const { return resumes.size() + marks.size() + removals.size(); }
  void acknowledge(std::string unit, std::string epoch, uint64_t seq);

  // Does it all, in an order in which no burial falls to an acknowledgement that came after it: burials and attempts,
  // acknowledgements, removals, hellos, appends, sweep. Results stay here until finish(). Appends queued before
  // notBeforeMs are Late. Throws sql::SqlError.
  void apply(SpoolLedger& ledger, int64_t notBeforeMs);
  void takeNoAppends() { _takeAppends = false; }  // apply() then leaves them Failed
  // The store cannot be written: appends fail, hellos that need no write are answered from what is in the file.
  void refuse(SpoolLedger& ledger);
  // After apply() and the commit, or after refuse(): takes out what is left for the next group. After refuse() that is
  // acknowledgements and burials, if keep.
  SpoolWork takeLeft(bool committed, bool keep);
  // Reports the results. Runs callbacks.
  void finish();

 private:
  void applyAcknowledgements(SpoolLedger& ledger);
  void applyResume(SpoolLedger& ledger, Resume& resume);

  std::map<std::string, Acknowledgement> _left;
  bool _sweepLeft = false;
  bool _takeAppends = true;
};

}  // namespace tsunagi::relay
