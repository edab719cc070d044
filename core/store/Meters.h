#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tsunagi::store {

class StoreFile;

// Counters that outlive the process (rates, budgets, wrong codes), each a line of text that its user understands.
// Thread-safe; one transaction each; throws sql::SqlError.
class Meters {
 public:
  explicit Meters(StoreFile& file);                                          // outlives this
  std::string get(std::string_view name);                                    // "" = none
  void set(const std::vector<std::pair<std::string, std::string>>& values);  // names and texts, in one transaction
  bool purge(int64_t olderThanMs, int64_t rows);                             // true when there may be more

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
