#include "chat/OwnerLine.h"

#include "line/TextLimits.h"

namespace tsunagi::chat {

OwnerDesk::Line ownerLine(const OwnerDesk& desk, const Arrival& arrival, size_t messages) {
  const bool owner = arrival.place == Place::Direct && arrival.person &&
                     arrival.person->state == store::UserState::Paired && !arrival.person->accountDisabled &&
                     arrival.person->role == store::Role::Owner;
  if (!owner || messages >= line::MAX_MESSAGES) return {};
  return desk.line(arrival.row.channel, arrival.language);
}

}  // namespace tsunagi::chat
