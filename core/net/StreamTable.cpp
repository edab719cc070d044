#include "net/StreamTable.h"

#include "net/LoopStreams.h"

namespace tsunagi::net {

bool StreamTable::insert(std::unique_ptr<Stream> stream) {
  uint32_t slot;
  if (_free.empty()) {
    slot = static_cast<uint32_t>(_slots.size());
    _slots.emplace_back();
  } else {
    slot = _free.back();
    _free.pop_back();
  }
  stream->_slot = slot;
  Stream& inserted = *stream;
  _slots[slot] = std::move(stream);
  ++_size;
  if (inserted.enter()) return true;
  _slots[slot].reset();
  _free.push_back(slot);
  --_size;
  return false;
}

void StreamTable::replace(Stream& predecessor, std::unique_ptr<Stream> successor) {
  const uint32_t slot = predecessor._slot;
  successor->_slot = slot;
  std::swap(_slots[slot], successor);
  _streams._graves.push_back(std::move(successor));
  _streams.schedule();
  Stream& placed = *_slots[slot];
  placed.updateInterest();
  if (!(placed._flags & Stream::REGISTERED)) {
    placed.end();
  } else if (placed.encrypted()) {
    placed.runAgain();  // decrypted bytes may wait where the kernel does not show them
  }
}

void StreamTable::forEach(const std::function<void(Stream&)>& action) {
  for (size_t i = 0; i < _slots.size(); ++i) {
    if (_slots[i]) action(*_slots[i]);
  }
}

void StreamTable::release(Stream& stream) {
  _streams._graves.push_back(std::move(_slots[stream._slot]));
  _free.push_back(stream._slot);
  _streams.schedule();
}

void StreamTable::gone(const Stream& stream) {
  --_size;
  if (_onGone) _onGone(stream);
}

}  // namespace tsunagi::net
