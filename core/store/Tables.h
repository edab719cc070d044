#pragma once
#include "store/BridgeStore.h"
#include "store/Conversations.h"
#include "store/Files.h"
#include "store/HeldAnswers.h"
#include "store/Messages.h"
#include "store/Meters.h"
#include "store/People.h"

namespace tsunagi::store {

// The classes that hold the bridge's statements, all on one file, which outlives them. Each is thread-safe.
struct Tables {
  explicit Tables(StoreFile& file)
      : events(file), people(file), messages(file), conversations(file), meters(file), held(file), files(file) {}
  BridgeStore events;
  People people;
  Messages messages;
  Conversations conversations;
  Meters meters;
  HeldAnswers held;
  Files files;
};

}  // namespace tsunagi::store
