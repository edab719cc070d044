#include "net/LoopStreams.h"

#include <algorithm>
#include <utility>

namespace tsunagi::net {

namespace {
constexpr size_t SPARE_EXTRAS = 64;
constexpr size_t SPARE_BUFFER = 16 * 1024;  // a larger buffer is given back to the system
constexpr int ROUNDS = 8;                   // of one turn's end; then other connections get their turn
constexpr size_t MAX_PROFILES = 4096;       // WebSocketSession keeps twelve bits
}  // namespace

LoopStreams::LoopStreams(EventLoop& loop) : _loop(loop), _closing(loop, CLOSE_MS), _clients(*this, {}) {}

LoopStreams::~LoopStreams() = default;

LoopStreams& LoopStreams::of(EventLoop& loop) {
  std::shared_ptr<void>& place = loop.attachment();
  if (!place) place = std::make_shared<LoopStreams>(loop);
  return *static_cast<LoopStreams*>(place.get());
}

bool LoopStreams::takeHandshake() {
  if (_handshakeTurn != _loop.turn()) {
    _handshakeTurn = _loop.turn();
    _handshakes = 0;
  }
  return ++_handshakes <= HANDSHAKES_PER_TURN;
}

void LoopStreams::schedule() {
  if (_scheduled) return;
  _scheduled = true;
  _loop.atTurnEnd([this] { endTurn(); });
}

void LoopStreams::settle() {
  while (!_graves.empty()) endTurn();
}

void LoopStreams::endTurn() {
  _scheduled = true;  // whatever is added meanwhile is done here
  for (int round = 0; round < ROUNDS && (!_dirty.empty() || !_graves.empty()); ++round) {
    const auto dirty = std::exchange(_dirty, {});
    for (Stream* stream : dirty) stream->flush();
    auto graves = std::exchange(_graves, {});
    for (auto& stream : graves) {
      if (!(stream->_flags & Stream::REPLACED)) {
        stream->onEnded();
        stream->_table->gone(*stream);
      }
      stream.reset();
    }
  }
  _scheduled = false;
  if (!_dirty.empty() || !_graves.empty()) {
    _scheduled = true;
    if (!_loop.post([this] { endTurn(); })) _scheduled = false;
  }
}

void LoopStreams::runAgain() {
  _againPosted = false;
  const auto again = std::exchange(_again, {});
  for (Stream* stream : again) {
    stream->unset(Stream::AGAIN);
    if (stream->ended()) continue;
    if (stream->_flags & Stream::HANDSHAKING) {
      stream->handshake();
    } else {
      stream->onAgain();
    }
  }
}

void LoopStreams::forget(Stream& stream) {
  std::erase(_dirty, &stream);
  std::erase(_again, &stream);
}

std::unique_ptr<StreamExtra> LoopStreams::takeExtra(Stream& stream) {
  std::unique_ptr<StreamExtra> extra;
  if (_spare.empty()) {
    extra = std::make_unique<StreamExtra>();
  } else {
    extra = std::move(_spare.back());
    _spare.pop_back();
  }
  extra->stream = &stream;
  return extra;
}

void LoopStreams::giveExtra(std::unique_ptr<StreamExtra> extra) {
  if (_spare.size() >= SPARE_EXTRAS) return;
  if (extra->output.capacity() > SPARE_BUFFER) return;
  extra->clear();
  _spare.push_back(std::move(extra));
}

std::optional<uint16_t> LoopStreams::acquireProfile(const std::string& subprotocol, size_t maxMessage) {
  size_t found = _profiles.size();
  for (size_t i = 0; i < _profiles.size(); ++i) {
    Profile& profile = _profiles[i];
    if (profile.users == 0) {
      found = std::min(found, i);
    } else if (profile.maxMessage == maxMessage && profile.subprotocol == subprotocol) {
      ++profile.users;
      return static_cast<uint16_t>(i);
    }
  }
  if (found >= MAX_PROFILES) return std::nullopt;
  if (found == _profiles.size()) _profiles.emplace_back();
  _profiles[found] = {subprotocol, maxMessage, 1};
  return static_cast<uint16_t>(found);
}

void LoopStreams::releaseProfile(uint16_t index) {
  Profile& profile = _profiles[index];
  if (--profile.users == 0) profile.subprotocol.clear();
}

}  // namespace tsunagi::net
