#pragma once
#include <string>
#include <string_view>

namespace tsunagi::test {

// A new folder (0700) under $TMPDIR or /tmp that is removed with all it holds; with TSUNAGI_KEEP set it stays, and its
// path is printed.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return _path; }
  std::string file(std::string_view name) const;  // the path only
  // Writes a file, 0600 unless told, and the folders on its way; returns its path.
  std::string write(std::string_view name, std::string_view bytes, unsigned mode = 0600) const;
  std::string read(std::string_view name) const;  // throws when it cannot
  bool exists(std::string_view name) const;

 private:
  std::string _path;
};

}  // namespace tsunagi::test
