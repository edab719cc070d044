#pragma once
#include "base/Clock.h"
#include "chat/Arrival.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// Asks LINE for the sender's and the group's name when it may be asked and what is known is older than a day; the
// arrival has them then. Best effort: what LINE does not tell stays as it was. Blocks for LINE's time; throws
// sql::SqlError.
void learnNames(store::Tables& tables, const Clock& clock, Arrival& arrival);

}  // namespace tsunagi::chat
