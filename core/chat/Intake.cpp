#include "chat/Intake.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include "base/LogEscape.h"
#include "net/HttpMessage.h"
#include "sql/Database.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t SHORTEST_BACKOFF_MS = 100;
constexpr int64_t LONGEST_BACKOFF_MS = 5'000;
constexpr int64_t HELD_LOOK_MS = 1'000;
constexpr int64_t BAD_SIGNATURE_LOG_MS = 60'000;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.intake");
  return instance;
}

std::string signatureOf(const link::ReceivedEvent& event) {
  const std::string* found = nullptr;
  for (const auto& [name, value] : event.headers) {
    if (!net::equalsIgnoreCase(name, "x-line-signature")) continue;
    if (found != nullptr) return {};
    found = &value;
  }
  return found == nullptr ? std::string() : *found;
}

bool known(const link::LinkPosition& position, const link::ReceivedEvent& event) {
  return !event.epoch.empty() && event.epoch == position.epoch && event.seq <= position.lastSeq;
}

}  // namespace

// One turn: what it found, what it will commit, and what it then has to tell.
struct Intake::Round {
  std::shared_ptr<const ChatSettings> settings;
  std::deque<DirectWebhook> direct;
  store::IntakeBatch batch;
  link::LinkPosition position;  // after the commit
  size_t linkItems = 0;         // taken from the front of _held
  bool acknowledge = false;
  struct Refusal {
    std::string epoch;
    uint64_t seq;
    std::string reason;
  };
  std::vector<Refusal> refusals;
  std::vector<std::pair<std::function<void(int)>, int>> answers;
  bool stopping = false;
};

Intake::Intake(store::BridgeStore& store, const CurrentSettings& settings, Lanes& lanes, const Clock& clock,
               Hooks hooks)
    : _store(store), _settings(settings), _lanes(lanes), _clock(clock), _hooks(std::move(hooks)) {
  const store::LinkMark mark = _store.linkMark();
  _status.position = {mark.epoch, mark.lastSeq, mark.lastId};
}

Intake::~Intake() { stop(); }

void Intake::start() {
  _thread = NamedThread("intake", [this] { run(); });
}

void Intake::stop() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _changed.notify_all();
  }
  _thread.join();
  std::deque<DirectWebhook> rest;
  {
    const std::lock_guard lock(_mutex);
    rest.swap(_direct);
  }
  for (auto& webhook : rest) webhook.answer(503);
}

void Intake::direct(DirectWebhook webhook) {
  {
    const std::lock_guard lock(_mutex);
    if (!_stopping && _direct.size() < MAX_DIRECT) {
      _direct.push_back(std::move(webhook));
      _changed.notify_all();
      return;
    }
  }
  webhook.answer(503);
}

void Intake::settingsChanged() {
  const std::lock_guard lock(_mutex);
  _nudged = true;
  _changed.notify_all();
}

IntakeStatus Intake::status() const {
  const std::lock_guard lock(_mutex);
  IntakeStatus status = _status;
  status.held += _incoming.size();
  return status;
}

link::LinkPosition Intake::position() {
  const std::lock_guard lock(_mutex);
  return _status.position;
}

void Intake::put(LinkItem item) {
  if (_stopping) return;
  _incoming.push_back(std::move(item));
  _changed.notify_all();
}

void Intake::onEvents(std::vector<link::ReceivedEvent> events) {
  const std::lock_guard lock(_mutex);
  for (auto& event : events) put(Arrival{std::move(event), _connection});
}

void Intake::onResync(const std::string& epoch) {
  const std::lock_guard lock(_mutex);
  put(Resync{epoch});
}

void Intake::onGap(uint64_t from, uint64_t to) {
  const std::lock_guard lock(_mutex);
  put(Gap{from, to});
}

void Intake::onDisconnected() {
  const std::lock_guard lock(_mutex);
  ++_connection;
  _nudged = true;
  _changed.notify_all();
}

void Intake::onStateChanged(const link::LinkState& state) {
  if (_hooks.onLinkState) _hooks.onLinkState(state);
}

void Intake::run() {
  for (;;) {
    step();
    std::unique_lock lock(_mutex);
    if (_stopping && _incoming.empty() && _direct.empty()) return;
    if (!_incoming.empty() || !_direct.empty() || _nudged) {
      if (_failures == 0 || _stopping) continue;
    }
    // Held events are looked at again by the clock too: the lanes do not tell when their backlog went down.
    const int64_t wait = _failures > 0 ? _retryAtMs - _clock.steadyMs() : HELD_LOOK_MS;
    const auto woken = [&] {
      return _stopping || (_failures == 0 && (!_incoming.empty() || !_direct.empty() || _nudged));
    };
    if (_held.empty() && _failures == 0)
      _changed.wait(lock, woken);
    else
      _changed.wait_for(lock, std::chrono::milliseconds(std::max<int64_t>(wait, 1)), woken);
  }
}

bool Intake::step() {
  Round round;
  collect(round);
  if (_hooks.refreshSettings && (!round.direct.empty() || !_held.empty())) _hooks.refreshSettings();
  round.settings = _settings.get();
  try {
    releaseQuarantine(*round.settings);
    takeDirect(round);
    takeLink(round);
    commit(round);
  } catch (const sql::SqlError& e) {
    ++_failures;
    _retryAtMs = _clock.steadyMs() + std::min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS << std::min(_failures, 6));
    setTrouble(e.what());
    logger().error("the store failed, nothing is acknowledged until it works again: %s", std::string(e.what()));
    for (auto& webhook : round.direct) webhook.answer(503);
    if (_hooks.tellOwner) _hooks.tellOwner(OwnerCause::Store, e.what());
    return false;
  }
  if (_failures > 0) logger().information("the store works again");
  _failures = 0;
  setTrouble("");
  return round.linkItems > 0 || !round.direct.empty();
}

void Intake::collect(Round& round) {
  const std::lock_guard lock(_mutex);
  _nudged = false;
  round.stopping = _stopping;
  std::move(_incoming.begin(), _incoming.end(), std::back_inserter(_held));
  _incoming.clear();
  // A closed connection's events come again on the next one, in their place; resync and gap do not.
  const uint64_t connection = _connection;
  _held.erase(std::remove_if(_held.begin(), _held.end(),
                             [&](const LinkItem& item) {
                               const auto* arrival = std::get_if<Arrival>(&item);
                               return arrival != nullptr && arrival->connection != connection;
                             }),
              _held.end());
  while (!_direct.empty() && round.direct.size() < MAX_GROUP) {
    round.direct.push_back(std::move(_direct.front()));
    _direct.pop_front();
  }
  round.position = _status.position;
}

const char* Intake::holdReason(const ChatSettings& settings) const {
  if (!settings.canVerify()) return "no channel secret is set";
  if (!settings.canServe()) return "an access token or a responder is not set";
  if (_lanes.backlog() >= MAX_BACKLOG) return "too many events wait for their turn";
  return nullptr;
}

void Intake::takeLink(Round& round) {
  const char* hold = holdReason(*round.settings);
  {
    const std::lock_guard lock(_mutex);
    _status.heldBecause = hold == nullptr ? "" : hold;
    _status.held = _held.size();
  }
  for (const LinkItem& item : _held) {
    if (round.linkItems >= MAX_GROUP) break;
    if (const auto* resync = std::get_if<Resync>(&item)) {
      round.position = {resync->epoch, 0, ""};
      round.batch.notices.push_back(
          {"resync", "the relay began a new queue " + logEscape(resync->epoch, 64), _clock.wallMs()});
    } else if (const auto* gap = std::get_if<Gap>(&item)) {
      round.batch.notices.push_back({"gap",
                                     "the relay no longer has the events " + std::to_string(gap->from) + " to " +
                                         std::to_string(gap->to) + ", and this store never saw them",
                                     _clock.wallMs()});
    } else {
      if (hold != nullptr) break;
      const auto& event = std::get<Arrival>(item).event;
      round.acknowledge = true;
      if (!known(round.position, event)) {
        RawWebhook raw;
        raw.signature = signatureOf(event);
        raw.body = event.body;
        raw.receipt = {event.receivedSteadyMs, _clock.bootId(), _clock.wallMs(), event.ageMs};
        raw.epoch = event.epoch;
        raw.seq = event.seq;
        raw.linkId = event.id;
        raw.replay = event.replay;
        takeWebhook(raw, true, round);
        round.position = {event.epoch, event.seq, event.id};
      }
    }
    ++round.linkItems;
  }
  if (round.linkItems > 0)
    round.batch.mark = store::LinkMark{round.position.epoch, round.position.lastSeq, round.position.lastId};
}

void Intake::takeDirect(Round& round) {
  for (auto& webhook : round.direct) {
    int status = 503;
    if (round.settings->canVerify() && _lanes.backlog() < MAX_BACKLOG) {
      RawWebhook raw;
      raw.signature = webhook.signature;
      raw.body = webhook.body;
      raw.receipt = {_clock.steadyMs(), _clock.bootId(), _clock.wallMs(), 0};
      status = takeWebhook(raw, false, round);
    }
    round.answers.emplace_back(webhook.answer, status);
  }
}

// The status is what direct mode answers.
int Intake::takeWebhook(const RawWebhook& raw, bool viaLink, Round& round) {
  const ReadWebhook read = readWebhook(raw, *round.settings);
  ++round.batch.webhooks;
  if (read.kind == ReadWebhook::Kind::BadSignature) {
    reportBadSignature(viaLink);
    if (viaLink)
      round.batch.quarantined.push_back(
          {0, raw.linkId, raw.epoch, raw.seq, raw.replay, raw.signature, raw.body, raw.receipt});
    return 400;
  }
  const std::string& name = read.channel->name;
  if (read.kind == ReadWebhook::Kind::Unparsable) {
    logger().error("a webhook signed for [%s] cannot be read (%s); it is kept as dead", name, read.problem);
    round.batch.events.push_back(deadEvent(raw, _store.channelNamed(name), "unparsable"));
    ++round.batch.refused;
    if (viaLink) round.refusals.push_back({raw.epoch, raw.seq, read.problem});
    return 400;
  }
  const auto channelId =
      _store.bindChannel(name, read.webhook.destination, read.secretMark, round.settings->channelNames());
  if (read.webhook.destination.empty() || !channelId) {
    logger().error("a webhook signed for [%s] is for another bot (%s); it is kept as dead, check the channel secrets",
                   name, logEscape(read.webhook.destination, 64));
    round.batch.events.push_back(deadEvent(raw, _store.channelNamed(name), "wrong destination"));
    ++round.batch.refused;
    return 400;
  }
  for (auto& event : newEvents(read, raw, *channelId)) round.batch.events.push_back(std::move(event));
  return 200;
}

void Intake::commit(Round& round) {
  if (round.linkItems == 0 && round.batch.webhooks == 0) {
    for (auto& [answer, status] : round.answers) answer(status);
    return;
  }
  const store::IntakeResult result = _store.commitIntake(round.batch);
  {
    const std::lock_guard lock(_mutex);
    _status.position = round.position;
    _status.held -= round.linkItems;
  }
  if (!round.batch.quarantined.empty() && _hooks.tellOwner) _hooks.tellOwner(OwnerCause::ChannelSecret, "");
  for (const auto& notice : round.batch.notices) logger().warning("%s: %s", notice.kind, notice.detail);
  _held.erase(_held.begin(), _held.begin() + static_cast<std::ptrdiff_t>(round.linkItems));
  _lanes.add(result.inserted);
  if (_uplink != nullptr) {
    for (const auto& refusal : round.refusals)
      _uplink->refuse(refusal.epoch, refusal.seq, "unparsable", logEscape(refusal.reason, 150));
    if (round.acknowledge) _uplink->committed(round.position.epoch, round.position.lastSeq, round.position.lastId);
  }
  for (auto& [answer, status] : round.answers) answer(status);
}

// J13: after a change of a channel's secrets, and once at the start, since it may have changed while nothing ran.
void Intake::releaseQuarantine(const ChatSettings& settings) {
  std::string with;
  for (const auto& channel : settings.channels)
    for (const auto& secret : channel.secrets) with += channel.name + "=" + secret.mark + ";";
  if (with == _verifiedWith || with.empty()) return;
  Round round;
  round.settings = std::make_shared<ChatSettings>(settings);
  for (const auto& webhook : _store.quarantine()) {
    RawWebhook raw{webhook.signature, webhook.body,   webhook.receipt, webhook.epoch,
                   webhook.seq,       webhook.linkId, webhook.replay};
    if (readWebhook(raw, *round.settings).kind == ReadWebhook::Kind::BadSignature) continue;
    takeWebhook(raw, true, round);
    round.batch.released.push_back(webhook.id);
  }
  if (!round.batch.released.empty()) {
    round.batch.webhooks = 0;  // they were counted when they came
    const auto result = _store.commitIntake(round.batch);
    logger().information("%s webhooks left the quarantine: their signature fits a channel secret now",
                         std::to_string(round.batch.released.size()));
    _lanes.add(result.inserted);
  }
  _verifiedWith = with;
}

void Intake::reportBadSignature(bool viaLink) {
  {
    const std::lock_guard lock(_mutex);
    ++_status.badSignatures;
  }
  const int64_t now = _clock.steadyMs();
  if (_lastBadSignatureLogMs != 0 && now - _lastBadSignatureLogMs < BAD_SIGNATURE_LOG_MS) return;
  _lastBadSignatureLogMs = now;
  logger().warning(
      "a webhook's signature fits no channel secret: the channel secret is not this channel's, or the webhook is not "
      "from LINE. Compare channel_secret with the channel's page in the LINE Developers Console%s",
      std::string(viaLink ? "; the webhook waits in quarantine and is released when the secret fits" : ""));
}

void Intake::setTrouble(const std::string& trouble) {
  const std::lock_guard lock(_mutex);
  _status.storeTrouble = trouble;
}

}  // namespace tsunagi::chat
