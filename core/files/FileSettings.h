#pragma once
#include <cstdint>
#include <string>

namespace tsunagi::files {

// [files]. Sizes in bytes; 0 = no limit.
struct FileSettings {
  bool download = true;
  std::string root;       // absolute
  bool makeRoot = false;  // it is the bridge's own: made when it is missing. Else missing means away
  std::string marker;     // a file in root whose presence says that root is mounted (J17); empty: root itself says it
  uint64_t maxFile = 100ULL << 20;
  uint64_t maxUserDay = 0, maxGroupDay = 0;
  uint64_t maxTotal = 0;  // of all that is kept, in spool and root
  uint64_t minFree = 0;   // on the spool's file system
};

}  // namespace tsunagi::files
