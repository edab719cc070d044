#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "net/Stream.h"

namespace tsunagi::net {

// The connections of one owner on one loop, each at a slot that it keeps. All calls on the loop.
class StreamTable {
 public:
  // onGone is called for each stream that ended, right before it is destroyed.
  StreamTable(LoopStreams& streams, std::function<void(const Stream&)> onGone)
      : _streams(streams), _onGone(std::move(onGone)) {}
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;

  LoopStreams& streams() const { return _streams; }
  size_t size() const { return _size; }  // streams not yet destroyed
  // Takes the stream over and begins to read. False when the kernel refuses: the stream is gone then, without
  // onEnded().
  bool insert(std::unique_ptr<Stream> stream);
  // Puts a successor (made from the predecessor) in its slot. The predecessor hears nothing more and is destroyed at
  // the end of the turn.
  void replace(Stream& predecessor, std::unique_ptr<Stream> successor);
  Stream* at(uint32_t slot) const { return slot < _slots.size() ? _slots[slot].get() : nullptr; }
  void forEach(const std::function<void(Stream&)>& action);  // action may end streams

 private:
  friend class Stream;
  friend class LoopStreams;
  void release(Stream& stream);  // it ended
  void gone(const Stream& stream);

  LoopStreams& _streams;
  std::function<void(const Stream&)> _onGone;
  std::vector<std::unique_ptr<Stream>> _slots;
  std::vector<uint32_t> _free;
  size_t _size = 0;
};

}  // namespace tsunagi::net
