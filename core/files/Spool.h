#pragma once
#include <memory>
#include <string>
#include <utility>

#include "base/Result.h"
#include "base/UniqueFd.h"
#include "files/Folder.h"
#include "service/DataFolder.h"

namespace tsunagi::files {

// The local folder that downloads go to first (J17): files of 0600, named by their row's id, of one process at a time.
// Whether one is whole, its row says. Thread-safe.
class Spool {
 public:
  // Made with 0700 when it is missing. The error says what to do.
  static Result<std::unique_ptr<Spool>> open(const std::string& path);

  static std::string nameOf(int64_t fileId);  // "12.bin": of what type it is, is not known before the download
  // A new empty file; what an earlier try left is gone.
  std::error_code begin(int64_t fileId, UniqueFd& file) const;
  std::error_code remove(int64_t fileId) const { return _folder.remove(nameOf(fileId)); }
  const Folder& folder() const { return _folder; }

 private:
  Spool(service::DataFolder lock, Folder folder) : _lock(std::move(lock)), _folder(std::move(folder)) {}
  service::DataFolder _lock;
  Folder _folder;
};

}  // namespace tsunagi::files
