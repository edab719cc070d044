#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tsunagi::files {

// What keeps files from going on, for the operator: each is told once in the log when it begins and once when it ends.
// Thread-safe.
class Troubles {
 public:
  // text: what happened and what to do. The same cause with another text is told again.
  void begin(const std::string& cause, const std::string& text);
  void end(const std::string& cause);
  std::vector<std::string> list() const;  // texts

 private:
  mutable std::mutex _mutex;
  std::map<std::string, std::string> _texts;
};

}  // namespace tsunagi::files
