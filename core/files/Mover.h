#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>

#include "files/Bell.h"
#include "files/Fetcher.h"
#include "files/FileSettings.h"
#include "files/Folder.h"
#include "files/Spool.h"
#include "files/Troubles.h"
#include "store/Tables.h"

namespace tsunagi::files {

// The files folder as it is now: made when it is the bridge's own, else there, with its marker when one is set (J17).
// The error says what is missing. Blocks for the file system, which may be a network's.
Result<Folder> openRoot(const FileSettings& settings);

// Brings whole files from the spool to the files folder, and removes what is to be removed. One thread, the only one
// that changes the files folder: while that does not answer, only this thread stands still.
class Mover {
 public:
  // All outlive this.
  Mover(store::Tables& tables, const Spool& spool, Fetcher& fetcher, Bell& bell, Troubles& troubles,
        Fetcher::Settings settings);

  void run();   // [one thread] until the bell is stopped
  bool pass();  // [the same] everything once; false: something is left to be tried again

 private:
  enum class Moved : uint8_t { Yes, Later, Stop };  // Stop: nothing else will go now either
  bool drop(const store::FileDrop& drop, const std::optional<Folder>& root);
  Moved move(const store::FileRow& row, const Folder& root);
  std::error_code bring(const store::FileRow& row, const Folder& root);
  std::error_code copy(const store::FileRow& row, const Folder& root, const UniqueFd& from);
  bool isSameFile(const store::FileRow& row, const Folder& root) const;

  store::Tables& _tables;
  const Spool& _spool;
  Fetcher& _fetcher;
  Bell& _bell;
  Troubles& _troubles;
  const Fetcher::Settings _settings;
};

}  // namespace tsunagi::files
