#include "store/BridgeStore.h"
#include "store/StoreFile.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "sql/Database.h"

namespace tsunagi::store {
namespace {

class BridgeStoreTest : public testing::Test {
 protected:
  BridgeStoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tsunagi-store-XXXXXX").string();
    _folder = ::mkdtemp(pattern.data());
    open();
    _channel = _store->bindChannel("line", "U1", "mark", {"line"}).value();
  }
  ~BridgeStoreTest() override { std::filesystem::remove_all(_folder); }

  // As after a crash: nothing in memory survives, the same clock goes on.
  void open() {
    _store.reset();
    _file.reset();
    _file = std::make_unique<StoreFile>(_folder + "/bridge.db", _clock);
    _store = std::make_unique<BridgeStore>(*_file);
  }
  std::string cell(const std::string& statement) {
    sql::Database database(_folder + "/bridge.db", sql::Database::Mode::ReadOnly);
    auto query = database.query(statement);
    if (!query.step()) return "(none)";
    return query.isNull(0) ? "(null)" : query.text(0);
  }
  NewEvent event(const std::string& key, const std::string& conversation = "Ua") {
    NewEvent e;
    e.channelId = _channel;
    e.conversation = conversation;
    e.eventKey = key;
    e.type = "message";
    e.body = "{\"type\":\"message\"}";
    e.replyToken = "token-" + key;
    e.receipt = {_clock.steadyMs(), _clock.bootId(), _clock.wallMs(), 0};
    return e;
  }
  int64_t insert(const std::string& key) {
    IntakeBatch batch;
    batch.events.push_back(event(key));
    return _store->commitIntake(batch).inserted.at(0).inboxId;
  }

  ManualClock _clock;
  std::string _folder;
  std::unique_ptr<StoreFile> _file;
  std::unique_ptr<BridgeStore> _store;
  int64_t _channel = 0;
};

TEST_F(BridgeStoreTest, KeepsEventsAndPlaceTogetherAcrossARestart) {
  IntakeBatch batch;
  batch.events = {event("a"), event("b"), event("c", "Cgroup")};
  batch.mark = LinkMark{"epoch", 7, "id7"};
  batch.webhooks = 2;
  const auto result = _store->commitIntake(batch);
  ASSERT_EQ(result.inserted.size(), 3u);
  open();
  EXPECT_EQ(_store->linkMark(), (LinkMark{"epoch", 7, "id7"}));
  const auto open = _store->openEntries();
  ASSERT_EQ(open.size(), 3u);
  EXPECT_EQ(open[0].inboxId, result.inserted[0].inboxId);
  EXPECT_EQ(open[2].conversation, "Cgroup");
  const auto row = _store->inboxRow(open[1].inboxId);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->replyToken, "token-b");
  EXPECT_EQ(row->channel, "line");
  EXPECT_EQ(row->state, InboxState::New);
  EXPECT_EQ(_store->counts().events, 3u);
  EXPECT_EQ(_store->counts().webhooks, 2u);
}

TEST_F(BridgeStoreTest, AFailedIntakeLeavesNeitherEventsNorPlace) {
  IntakeBatch batch;
  batch.events = {event("a"), event("b")};
  batch.events[1].channelId = 999;  // breaks the foreign key
  batch.mark = LinkMark{"epoch", 1, "id"};
  EXPECT_THROW(_store->commitIntake(batch), sql::SqlError);
  EXPECT_TRUE(_store->openEntries().empty());
  EXPECT_EQ(_store->linkMark(), LinkMark{});
  batch.events[1].channelId = _channel;
  EXPECT_EQ(_store->commitIntake(batch).inserted.size(), 2u) << "the dedupe keys must have been rolled back too";
}

TEST_F(BridgeStoreTest, TheSameEventIsRecordedOnce) {
  insert("a");
  IntakeBatch again;
  again.events = {event("a"), event("b"), event("b")};
  const auto result = _store->commitIntake(again);
  EXPECT_EQ(result.inserted.size(), 1u);
  EXPECT_EQ(result.duplicates, 2u);
  EXPECT_EQ(_store->counts().duplicates, 2u);
}

TEST_F(BridgeStoreTest, TheSameKeyInAnotherChannelIsAnotherEvent) {
  insert("a");
  const auto other = _store->bindChannel("line.shop", "U2", "mark2", {"line", "line.shop"});
  ASSERT_TRUE(other);
  IntakeBatch batch;
  batch.events = {event("a")};
  batch.events[0].channelId = *other;
  EXPECT_EQ(_store->commitIntake(batch).duplicates, 0u);
}

TEST_F(BridgeStoreTest, ADuplicateRenewsTheTokenClockOfAnUnansweredEventOnly) {
  const int64_t id = insert("a");
  const int64_t first = _store->inboxRow(id)->receipt.steadyMs;
  _clock.advance(50'000);
  IntakeBatch again;
  again.events = {event("a")};
  _store->commitIntake(again);
  EXPECT_EQ(_store->inboxRow(id)->receipt.steadyMs, first + 50'000);

  again.events[0].receipt.steadyMs -= 40'000;  // older news changes nothing
  _store->commitIntake(again);
  EXPECT_EQ(_store->inboxRow(id)->receipt.steadyMs, first + 50'000);

  const int64_t outbox = _store->answer(id, InboxState::Done, "answered", {"reply", "token-a", "[]"});
  _store->finishOutbox(outbox, OutboxState::Sent, "request", "");
  _clock.advance(10'000);
  again.events = {event("a")};
  EXPECT_EQ(_store->commitIntake(again).duplicates, 1u);
  EXPECT_EQ(_store->inboxRow(id)->receipt.steadyMs, first + 50'000);
  EXPECT_FALSE(_store->inboxRow(id)->replyToken);
}

TEST_F(BridgeStoreTest, TheAnswerAndTheEndOfTheEventAreOneStep) {
  const int64_t id = insert("a");
  _store->beginWork(id);
  open();
  EXPECT_EQ(_store->inboxRow(id)->state, InboxState::Working);
  EXPECT_EQ(_store->inboxRow(id)->attempts, 1);
  _store->answer(id, InboxState::Done, "answered", {"reply", "token-a", "[{\"type\":\"text\"}]"});
  open();
  EXPECT_EQ(_store->inboxRow(id)->state, InboxState::Done);
  ASSERT_EQ(_store->openEntries().size(), 1u) << "the unsent answer keeps its place";
  const auto row = _store->openOutboxOf(id);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->state, OutboxState::Pending);
  EXPECT_EQ(row->body, "[{\"type\":\"text\"}]");
  EXPECT_EQ(row->receipt.steadyMs, _clock.steadyMs());
  _store->markSending(row->id);
  open();
  EXPECT_EQ(_store->openOutboxOf(id)->state, OutboxState::Sending);
  EXPECT_EQ(_store->openOutboxOf(id)->attempts, 1);
  _store->finishOutbox(row->id, OutboxState::Sent, "rq", "");
  open();
  EXPECT_FALSE(_store->openOutboxOf(id));
  EXPECT_TRUE(_store->openEntries().empty());
}

TEST_F(BridgeStoreTest, ReturnedWorkCostsNoAttempt) {
  const int64_t id = insert("a");
  _store->beginWork(id);
  _store->returnWork(id);
  EXPECT_EQ(_store->inboxRow(id)->attempts, 0);
  EXPECT_EQ(_store->inboxRow(id)->state, InboxState::New);
}

TEST_F(BridgeStoreTest, ASpentTokenIsClearedEverywhere) {
  const int64_t id = insert("a");
  const int64_t outbox = _store->answer(id, InboxState::Done, "answered", {"reply", "token-a", "[1]"});
  _store->finishOutbox(outbox, OutboxState::Unknown, "", "timeout");
  EXPECT_EQ(cell("SELECT reply_token FROM inbox"), "(null)");
  EXPECT_EQ(cell("SELECT target||body FROM outbox"), "");
  EXPECT_EQ(cell("SELECT state FROM outbox"), "unknown");
  EXPECT_EQ(_store->counts().unknown, 1u);
  _store->finishOutbox(outbox, OutboxState::Sent, "", "");
  EXPECT_EQ(cell("SELECT state FROM outbox"), "unknown") << "a final state is final";
}

TEST_F(BridgeStoreTest, TextGoesWithItsEventsEndOfADeadOneAfterADayAndRowsAfterAMonth) {
  const int64_t done = insert("a");
  _store->finish(done, InboxState::Done, "ignored");
  EXPECT_EQ(_store->inboxRow(done)->body, "");
  const int64_t dead = insert("d");
  _store->finish(dead, InboxState::Dead, "unparsable");
  const int64_t open = insert("b");
  EXPECT_FALSE(_store->purge());
  EXPECT_NE(_store->inboxRow(dead)->body, "") << "somebody may want to see why";
  _clock.advance(BridgeStore::BODY_KEPT_MS + 1);
  EXPECT_FALSE(_store->purge());
  EXPECT_EQ(_store->inboxRow(dead)->body, "");
  EXPECT_NE(_store->inboxRow(open)->body, "") << "what is not answered keeps its text";
  _clock.advance(BridgeStore::SEEN_KEPT_MS);
  _store->purge();
  EXPECT_FALSE(_store->inboxRow(done));
  EXPECT_FALSE(_store->inboxRow(dead));
  EXPECT_TRUE(_store->inboxRow(open));
  EXPECT_EQ(cell("SELECT count(*) FROM seen_events"), "0");
}

TEST_F(BridgeStoreTest, PurgeWorksInSteps) {
  for (int i = 0; i < 5; ++i) _store->finish(insert(std::to_string(i)), InboxState::Dead, "ignored");
  _clock.advance(BridgeStore::BODY_KEPT_MS + 1);
  EXPECT_TRUE(_store->purge(2));
  EXPECT_EQ(cell("SELECT count(*) FROM inbox WHERE body IS NULL"), "2");
  EXPECT_TRUE(_store->purge(2));
  EXPECT_FALSE(_store->purge(2));
  EXPECT_EQ(cell("SELECT count(*) FROM inbox WHERE body IS NULL"), "5");
}

TEST_F(BridgeStoreTest, TheQuarantineIsARing) {
  for (int i = 0; i < 105; ++i) {
    IntakeBatch batch;
    QuarantinedWebhook webhook;
    webhook.seq = static_cast<uint64_t>(i);
    webhook.body = std::string("\0\xff", 2);
    batch.quarantined.push_back(webhook);
    _store->commitIntake(batch);
  }
  auto all = _store->quarantine();
  ASSERT_EQ(all.size(), 100u);
  EXPECT_EQ(all.front().seq, 5u);
  EXPECT_EQ(all.back().seq, 104u);
  EXPECT_EQ(all.front().body, std::string("\0\xff", 2));
  IntakeBatch release;
  release.released = {all[0].id, all[1].id};
  _store->commitIntake(release);
  EXPECT_EQ(_store->quarantine().size(), 98u);
  EXPECT_EQ(_store->counts().released, 2u);
  _clock.advance(BridgeStore::QUARANTINE_MS + 1);
  EXPECT_TRUE(_store->quarantine().empty()) << "too old to be released, purged or not";
  _store->purge();
  EXPECT_EQ(_store->counts().quarantine, 0u);
}

TEST_F(BridgeStoreTest, ADestinationBelongsToOneChannel) {
  const std::vector<std::string> both{"line", "line.shop"};
  EXPECT_EQ(_store->bindChannel("line", "U1", "mark", both), _channel);
  EXPECT_FALSE(_store->bindChannel("line.shop", "U1", "other", both)) << "U1 is the bot of [line]";
  EXPECT_FALSE(_store->bindChannel("line", "U9", "mark", both)) << "this secret signs for U1";
  EXPECT_EQ(_store->bindChannel("line", "U1", "reissued", both), _channel);
  EXPECT_EQ(_store->bindChannel("line", "U1", "mark", both), _channel) << "what was signed before comes later";
  for (const char* known : {"mark", "reissued"}) EXPECT_FALSE(_store->bindChannel("line", "U9", known, both)) << known;
  EXPECT_EQ(_store->bindChannel("line.main", "U1", "reissued", {"line.main"}), _channel) << "a section renamed";
  const auto replaced = _store->bindChannel("line.main", "U5", "third", {"line.main"});
  ASSERT_TRUE(replaced) << "another bot with a secret of its own took the section";
  EXPECT_NE(*replaced, _channel);
}

TEST_F(BridgeStoreTest, GapsAndResyncsAreKeptAndCounted) {
  IntakeBatch batch;
  batch.notices = {{"gap", "4..9", 5}, {"resync", "new epoch", 6}};
  _store->commitIntake(batch);
  open();
  const auto notices = _store->notices(10);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].kind, "resync");
  EXPECT_EQ(notices[1].detail, "4..9");
  EXPECT_EQ(_store->counts().gaps, 1u);
  EXPECT_EQ(_store->counts().resyncs, 1u);
}

TEST_F(BridgeStoreTest, DeadEventsAreRecordedAndNeverWorkedOn) {
  IntakeBatch batch;
  batch.events = {event("a")};
  batch.events[0].dead = true;
  batch.events[0].outcome = "unparsable";
  EXPECT_TRUE(_store->commitIntake(batch).inserted.empty());
  EXPECT_TRUE(_store->openEntries().empty());
  EXPECT_EQ(cell("SELECT state||' '||outcome FROM inbox"), "dead unparsable");
}

TEST_F(BridgeStoreTest, FilesArePrivate) {
  struct stat info {};
  ASSERT_EQ(::stat((_folder + "/bridge.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace tsunagi::store
