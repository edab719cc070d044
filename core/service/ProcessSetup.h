#pragma once
#include <string>

#include "base/Result.h"
#include "base/UniqueFd.h"

namespace tsunagi::service {

// First thing in main(), before any thread: descriptors 0, 1 and 2 exist, umask 077, no core file, not dumpable (S26),
// the soft limit of open files raised to the hard one, PIPE ignored, and INT, TERM, HUP, USR1 blocked for this thread
// and all that follow from it.
void hardenProcess();

// Undoes the blocking, for work that a signal may simply end.
void unblockSignals();

// --daemon: the process goes on in the background, in a session of its own, while the one that was started waits until
// it is told that the start worked, so that its exit code and its stderr tell the truth. No thread may exist.
class Background {
 public:
  // Forks. In the child it returns; the parent never comes back from it: it exits 0 after detach(), else with the
  // child's code. The child keeps stdout and stderr until detach().
  static Result<Background> enter();
  // Folder /, streams to /dev/null, and the parent released.
  void detach();

 private:
  explicit Background(UniqueFd parent) : _parent(std::move(parent)) {}
  UniqueFd _parent;
};

// A file with this process's number, gone when the object goes (unless another process has put its own there).
class PidFile {
 public:
  PidFile() = default;
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile() { remove(); }
  Status write(const std::string& path);
  void remove();

 private:
  std::string _path;
};

}  // namespace tsunagi::service
