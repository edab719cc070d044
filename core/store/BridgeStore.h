#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Clock.h"
#include "store/Rows.h"

namespace tsunagi::sql {
class Database;
}  // namespace tsunagi::sql

namespace tsunagi::store {

class StoreFile;

// An event's way through the bridge: channels, inbox, dedupe keys, quarantine, outbox, the place in the relay's queue.
// Thread-safe: each function is one transaction on the store's file, so it blocks for the length of a commit and is
// never called on an event loop's thread. Functions throw sql::SqlError; nothing of a function that threw is in the
// store.
class BridgeStore {
 public:
  explicit BridgeStore(StoreFile& file);  // outlives the store
  BridgeStore(const BridgeStore&) = delete;
  BridgeStore& operator=(const BridgeStore&) = delete;

  static constexpr int64_t QUARANTINE_WEBHOOKS = 100;
  static constexpr int64_t QUARANTINE_MS = 24 * 3'600'000LL;
  static constexpr int64_t BODY_KEPT_MS = 24 * 3'600'000LL;       // of a dead event
  static constexpr int64_t SEEN_KEPT_MS = 30 * 24 * 3'600'000LL;  // also of finished rows without their bodies
  static constexpr int64_t NOTICES_KEPT = 1000;

  // --- intake ---
  // The row of the bot `destination`, for which a secret of the channel called name has signed. Nothing when the
  // destination is not that channel's (S12): it is bound to another name in configuredNames, or this same secret (told
  // by secretMark, which is no secret) has signed for another bot before. A bot may have had many secrets.
  std::optional<int64_t> bindChannel(std::string_view name, std::string_view destination, std::string_view secretMark,
                                     const std::vector<std::string>& configuredNames);
  // The newest row of that channel, for what cannot be assigned to a bot; made when there is none.
  int64_t channelNamed(std::string_view name);
  std::optional<int64_t> findChannel(std::string_view name);  // the newest row of a bot of that channel
  IntakeResult commitIntake(const IntakeBatch& batch);
  LinkMark linkMark();
  std::vector<QuarantinedWebhook> quarantine();  // oldest first, without expired ones
  std::vector<Notice> notices(int64_t limit);    // newest first

  // --- work; inboxId as in LaneEntry ---
  std::vector<LaneEntry> openEntries();  // unanswered events and unsent answers, in inbox order
  std::optional<InboxRow> inboxRow(int64_t inboxId);
  // -> working, attempts + 1. merged: later events of the same conversation that are worked on with it.
  void beginWork(int64_t inboxId, const std::vector<int64_t>& merged = {});
  // All back to new, the attempt not counted: the work was stopped, it did not fail.
  void returnWork(int64_t inboxId, const std::vector<int64_t>& merged = {});
  // -> done or dead without an answer. outcome "late" is counted.
  void finish(int64_t inboxId, InboxState state, std::string_view outcome);
  // -> done or dead, and the answer's row, in one transaction. outcome "answered" or "apology" is counted.
  // merged: earlier events of the same conversation that this answers too; they are done with it.
  int64_t answer(int64_t inboxId, InboxState state, std::string_view outcome, const OutboxDraft& draft,
                 const std::vector<int64_t>& merged = {});
  // A message to LINE while the event stays under way: its outbox row alone.
  int64_t interim(int64_t inboxId, const OutboxDraft& draft);
  // What came behind it in its conversation and has no end yet, oldest first, without taps. Working is what was merged
  // into its work before the process ended.
  std::vector<InboxRow> openBehind(const InboxRow& row, int64_t limit);
  std::optional<OutboxRow> openOutboxOf(int64_t inboxId);
  void markSending(int64_t outboxId);  // attempts + 1; committed before the call
  // Of an attempt that settled nothing: LINE's request id ("" = none) and what came of it.
  void markPending(int64_t outboxId, std::string_view requestId, std::string_view reason);  // surely nothing was sent
  void noteAttempt(int64_t outboxId, std::string_view requestId, std::string_view reason);
  // A final state: drops the body, clears the spent reply token (S20). requestId "" keeps that of an earlier attempt.
  // sentMessageIds: LINE's, in message order, when it told them: what the bot said can then be quoted.
  void finishOutbox(int64_t outboxId, OutboxState state, std::string_view requestId, std::string_view reason,
                    const std::vector<std::string>& sentMessageIds = {});
  // -> failed, surely not delivered. What it says (OutboxDraft::texts) becomes an answer that waits for the
  // conversation's next token, and so does the rest that its button would have brought; an answer that it carried waits
  // again, its questions are unanswered again. False: it says nothing that is kept, so nothing waits.
  bool holdOutbox(int64_t outboxId, std::string_view requestId, std::string_view reason);

  // --- housekeeping ---
  // Drops what is older than the times above, at most `rows` rows of each table. True when there may be more.
  bool purge(int64_t rows = 1000);
  StoreCounts counts();

 private:
  bool insertEvent(sql::Database& database, const NewEvent& event, IntakeResult& result);
  void renewTokenClock(sql::Database& database, const NewEvent& event);
  void insertQuarantined(sql::Database& database, const QuarantinedWebhook& webhook);
  int64_t insertOutbox(sql::Database& database, int64_t inboxId, const OutboxDraft& draft);
  void keepAnswer(sql::Database& database, int64_t inboxId, int64_t outboxId, const std::vector<std::string>& texts);
  void changeEach(int64_t inboxId, const std::vector<int64_t>& others, const char* statement);
  void closeInbox(sql::Database& database, int64_t inboxId, InboxState state, std::string_view outcome);
  bool closeOutbox(sql::Database& database, int64_t outboxId, OutboxState state, std::string_view requestId,
                   std::string_view reason);

  StoreFile& _file;
  const Clock& _clock;
};

}  // namespace tsunagi::store
