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
  static constexpr int64_t KEPT_MS = 3 * 24 * 3'600'000LL;  // without use
  static constexpr std::string_view MONTH = "month:";       // so begin the names of those that count a month
  static constexpr int64_t MONTH_KEPT_MS = 40 * 24 * 3'600'000LL;

  explicit Meters(StoreFile& file);                                          // outlives this
  std::string get(std::string_view name);                                    // "" = none
  void set(const std::vector<std::pair<std::string, std::string>>& values);  // names and texts, in one transaction
  bool purge(int64_t rows);                                                  // true when there may be more

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
