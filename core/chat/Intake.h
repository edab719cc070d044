#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "chat/ChatSettings.h"
#include "chat/Lanes.h"
#include "chat/OwnerDesk.h"
#include "chat/WebhookReader.h"
#include "link/LinkClient.h"
#include "store/BridgeStore.h"

namespace tsunagi::chat {

// What the intake tells the relay. Thread-safe; see link::LinkClient.
class LinkUplink {
 public:
  virtual ~LinkUplink() = default;
  virtual void committed(const std::string& epoch, uint64_t seq, const std::string& id) = 0;
  virtual void refuse(const std::string& epoch, uint64_t seq, const std::string& code, const std::string& reason) = 0;
};

// A webhook that came by HTTP. answer gets the status, once, on any thread.
struct DirectWebhook {
  std::string signature;  // as in RawWebhook
  std::string body;
  std::function<void(int status)> answer;
};

struct IntakeStatus {
  link::LinkPosition position;
  size_t held = 0;             // events of the link that wait unacknowledged
  std::string heldBecause;     // empty when nothing holds them
  uint64_t badSignatures = 0;  // since the start, of both ways
  std::string storeTrouble;    // the last commit failed: why; empty when it works
};

// From raw webhook to inbox: verify on the raw bytes, parse, dedupe, commit, then acknowledge (DESIGN rules 1 to 3).
// The functions of LinkSink and direct() only put things into a queue; one thread does the work, many webhooks to a
// transaction. Nothing is acknowledged before its commit; while the store fails, or what J2 calls a state is missing,
// the link's events wait here, at most a window of them.
class Intake : public link::LinkSink {
 public:
  struct Hooks {
    std::function<void()> refreshSettings;                    // [intake thread] before webhooks are looked at
    std::function<void(const link::LinkState&)> onLinkState;  // [link's loop]
    std::function<void(OwnerCause, const std::string& detail)> tellOwner;  // [intake thread]
  };
  static constexpr size_t MAX_DIRECT = 256;      // waiting for the commit; more get 503
  static constexpr size_t MAX_BACKLOG = 20'000;  // unfinished events; beyond, nothing more is taken
  static constexpr size_t MAX_GROUP = 256;       // webhooks in one transaction

  // Everything outlives the intake. Reads the place in the relay's queue from the store.
  Intake(store::BridgeStore& store, const CurrentSettings& settings, Lanes& lanes, const Clock& clock, Hooks hooks);
  ~Intake() override;

  void attach(LinkUplink& uplink) { _uplink = &uplink; }  // before start()
  void start();
  void stop();  // commits and acknowledges what is here and can be, answers 503 to the rest, joins

  void direct(DirectWebhook webhook);  // [any thread]
  void settingsChanged();              // [any thread] held and quarantined webhooks are looked at again
  IntakeStatus status() const;         // [any thread]

  link::LinkPosition position() override;
  void onEvents(std::vector<link::ReceivedEvent> events) override;
  void onResync(const std::string& epoch) override;
  void onGap(uint64_t from, uint64_t to) override;
  void onDisconnected() override;
  void onStateChanged(const link::LinkState& state) override;

  // One turn of the thread's work; for tests that run no thread. True: something moved.
  bool step();

 private:
  struct Arrival {
    link::ReceivedEvent event;
    uint64_t connection = 0;
  };
  struct Resync {
    std::string epoch;
  };
  struct Gap {
    uint64_t from, to;
  };
  using LinkItem = std::variant<Arrival, Resync, Gap>;
  struct Round;

  void run();
  void collect(Round& round);
  void releaseQuarantine(const ChatSettings& settings);
  const char* holdReason(const ChatSettings& settings) const;
  void takeLink(Round& round);
  void takeDirect(Round& round);
  int takeWebhook(const RawWebhook& raw, bool viaLink, Round& round);
  void commit(Round& round);
  void reportBadSignature(bool viaLink);
  void setTrouble(const std::string& trouble);
  void put(LinkItem item);

  store::BridgeStore& _store;
  const CurrentSettings& _settings;
  Lanes& _lanes;
  const Clock& _clock;
  const Hooks _hooks;
  LinkUplink* _uplink = nullptr;

  mutable std::mutex _mutex;
  std::condition_variable _changed;
  std::deque<LinkItem> _incoming;
  std::deque<DirectWebhook> _direct;
  uint64_t _connection = 0;
  bool _nudged = false;
  bool _stopping = false;
  IntakeStatus _status;

  // Of the intake's thread alone.
  std::deque<LinkItem> _held;
  std::string _verifiedWith;  // the marks of the channels' secrets when the quarantine was last looked at
  int _failures = 0;
  int64_t _retryAtMs = 0;
  int64_t _lastBadSignatureLogMs = 0;

  NamedThread _thread;
};

}  // namespace tsunagi::chat
