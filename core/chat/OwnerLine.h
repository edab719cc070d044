#pragma once
#include <cstddef>

#include "chat/Arrival.h"
#include "chat/OwnerDesk.h"

namespace tsunagi::chat {

// What an owner hears beside the answer: nothing unless it is an owner's 1:1 and the reply, which has so many messages,
// has room for one more.
OwnerDesk::Line ownerLine(const OwnerDesk& desk, const Arrival& arrival, size_t messages);

}  // namespace tsunagi::chat
