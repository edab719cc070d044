#include "link/Resume.h"

#include <gtest/gtest.h>

#include <vector>

using namespace tsunagi::link;

namespace {

using Kind = ResumeDecision::Kind;

struct Row {
  const char* what;
  QueueState queue;
  ResumeRequest hello;
  std::optional<std::string> idAtLastSeq;
  Kind kind;
  uint64_t acknowledgeUpTo;
  std::optional<SeqRange> gap;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"new queue, new bridge", {"E", 1, 0, ""}, {"", 0, ""}, {}, Kind::Continue, 0, {}},
      {"events waited for the first bridge", {"E", 6, 0, ""}, {"", 0, ""}, {}, Kind::Continue, 0, {}},
      {"bridge store replaced by an empty one", {"E", 9, 5, "i5"}, {"", 0, ""}, {}, Kind::Continue, 5, SeqRange{1, 5}},
      {"bridge store emptied, nothing pending", {"E", 6, 5, "i5"}, {"", 0, ""}, {}, Kind::Continue, 5, SeqRange{1, 5}},
      {"nothing new on either side", {"E", 6, 5, "i5"}, {"E", 5, "i5"}, {}, Kind::Continue, 5, {}},
      {"the last acknowledgement was lost", {"E", 9, 5, "i5"}, {"E", 7, "i7"}, "i7", Kind::Continue, 7, {}},
      {"all acknowledgements were lost", {"E", 9, 0, ""}, {"E", 8, "i8"}, "i8", Kind::Continue, 8, {}},
      {"bridge knows the epoch and no event yet", {"E", 9, 0, ""}, {"E", 0, ""}, {}, Kind::Continue, 0, {}},
      {"bridge store older by three", {"E", 9, 5, "i5"}, {"E", 2, "i2"}, {}, Kind::Continue, 5, SeqRange{3, 5}},
      {"bridge store older by one", {"E", 9, 5, "i5"}, {"E", 4, "i4"}, {}, Kind::Continue, 5, SeqRange{5, 5}},
      {"bridge store back at the epoch's start",
       {"E", 9, 5, "i5"},
       {"E", 0, ""},
       {},
       Kind::Continue,
       5,
       SeqRange{1, 5}},
      {"relay store older: beyond the highest", {"E", 9, 5, "i5"}, {"E", 9, "i9"}, {}, Kind::NewEpoch, 5, {}},
      {"relay store older: far beyond", {"E", 9, 5, "i5"}, {"E", 900, "x"}, {}, Kind::NewEpoch, 5, {}},
      {"relay store older and refilled: id differs", {"E", 9, 5, "i5"}, {"E", 7, "old7"}, "i7", Kind::NewEpoch, 5, {}},
      {"relay store older: id unknown", {"E", 9, 5, "i5"}, {"E", 7, "i7"}, {}, Kind::NewEpoch, 5, {}},
      {"id differs at the acknowledged mark", {"E", 9, 5, "i5"}, {"E", 5, "old5"}, {}, Kind::NewEpoch, 5, {}},
      {"highest stored seq with its id", {"E", 9, 5, "i5"}, {"E", 8, "i8"}, "i8", Kind::Continue, 8, {}},
      {"another queue, nothing acknowledged", {"E", 9, 0, ""}, {"F", 3, "f3"}, "i3", Kind::NewEpoch, 0, {}},
      {"another queue, same seq and id", {"E", 9, 5, "i5"}, {"F", 5, "i5"}, "i5", Kind::NewEpoch, 5, SeqRange{1, 5}},
      {"another queue at its start", {"E", 9, 5, "i5"}, {"F", 0, ""}, {}, Kind::NewEpoch, 5, SeqRange{1, 5}},
      {"relay store emptied", {"E", 1, 0, ""}, {"F", 50, "f50"}, {}, Kind::NewEpoch, 0, {}},
  };
  return table;
}

TEST(Resume, Table) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    ResumeDecision decision = decideResume(row.queue, row.hello, row.idAtLastSeq);
    EXPECT_EQ(decision.kind, row.kind);
    EXPECT_EQ(decision.acknowledgeUpTo, row.acknowledgeUpTo);
    EXPECT_EQ(decision.gap, row.gap);
  }
}

// Over every small state: nothing is acknowledged that the bridge does not provably have, and nothing acknowledged is
// taken back.
TEST(Resume, NeverAcknowledgesWhatTheBridgeMayNotHave) {
  for (uint64_t next = 1; next <= 6; ++next) {
    for (uint64_t acknowledged = 0; acknowledged < next; ++acknowledged) {
      for (uint64_t last = 0; last <= 7; ++last) {
        for (const char* epoch : {"", "E", "F"}) {
          for (bool idMatches : {false, true}) {
            QueueState queue{"E", next, acknowledged, acknowledged ? "a" : ""};
            ResumeRequest hello{epoch, last, last ? (idMatches ? "a" : "b") : ""};
            auto decision = decideResume(queue, hello, std::string("a"));
            EXPECT_GE(decision.acknowledgeUpTo, acknowledged);
            EXPECT_LT(decision.acknowledgeUpTo, next);
            if (decision.acknowledgeUpTo > acknowledged) {
              EXPECT_EQ(hello.epoch, "E");
              EXPECT_TRUE(idMatches);
              EXPECT_EQ(decision.acknowledgeUpTo, last);
              EXPECT_EQ(decision.kind, Kind::Continue);
            }
            if (decision.gap) {
              EXPECT_GE(decision.gap->from, 1u);
              EXPECT_LE(decision.gap->from, decision.gap->to);
              EXPECT_EQ(decision.gap->to, acknowledged);
            }
          }
        }
      }
    }
  }
}

}  // namespace
