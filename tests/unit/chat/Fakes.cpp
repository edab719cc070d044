#include "Fakes.h"

#include "sql/Database.h"

namespace tsunagi::chat::test {

std::string ChatTest::cell(const std::string& statement) {
  sql::Database database(_folder + "/bridge.db", sql::Database::Mode::ReadOnly);
  auto query = database.query(statement);
  if (!query.step()) return "(none)";
  return query.isNull(0) ? "(null)" : query.text(0);
}

}  // namespace tsunagi::chat::test
