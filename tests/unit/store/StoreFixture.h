#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/Clock.h"
#include "store/BridgeStore.h"
#include "store/StoreFile.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::store {

// A fresh store with one channel, and a clock that the test moves.
class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() { reopen(); }
  void reopen() {
    _store.reset();
    _file.reset();
    _file = std::make_unique<StoreFile>(_folder.file("bridge.db"), _clock);
    _store = std::make_unique<BridgeStore>(*_file);
    _channel = _store->bindChannel("line", "U1", "mark", {"line"}).value();
  }
  // An event of that conversation, recorded; its inbox id.
  int64_t event(const std::string& key, const std::string& conversation) {
    IntakeBatch batch;
    NewEvent event;
    event.channelId = _channel;
    event.conversation = conversation;
    event.eventKey = key;
    event.type = "message";
    event.body = "{\"type\":\"message\"}";
    event.replyToken = "token-" + key;
    event.receipt = {_clock.steadyMs(), _clock.bootId(), _clock.wallMs(), 0};
    batch.events.push_back(event);
    return _store->commitIntake(batch).inserted.at(0).inboxId;
  }

  const test::TempFolder _folder;
  ManualClock _clock;
  std::unique_ptr<StoreFile> _file;
  std::unique_ptr<BridgeStore> _store;
  int64_t _channel = 0;
};

}  // namespace tsunagi::store
