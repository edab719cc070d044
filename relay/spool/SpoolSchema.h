#pragma once
#include "sql/Database.h"

namespace tsunagi::relay {

// Brings spool.db to the newest schema; throws sql::SqlError.
//
// queues: one row per unit that ever had an event or a hello, with the books of DESIGN section 5, so that nothing ever
// has to count events. Rows of removed units stay (removed = 1): the totals of the relay go on adding up, and an id is
// never used twice. events: what is pending; position grows with arrival, (queue, seq) is the link's order. dead: dead
// letters. boots: the runs of the steady clock that received_steady_ms values belong to.
void migrateSpool(sql::Database& database);

}  // namespace tsunagi::relay
