#include "service/ProcessSetup.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ErrnoText.h"
#include "service/EndpointsFile.h"
#include "service/ProgramExit.h"
#include "service/SignalThread.h"

namespace tsunagi::service {

void hardenProcess() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) ::_exit(exitInternal);
  ::umask(077);
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t handled = SignalThread::signals();
  ::pthread_sigmask(SIG_BLOCK, &handled, nullptr);
}

void unblockSignals() {
  const sigset_t handled = SignalThread::signals();
  ::pthread_sigmask(SIG_UNBLOCK, &handled, nullptr);
}

Result<Background> Background::enter() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{std::string("no pipe for the background: ") + errnoText(errno)};
  UniqueFd readEnd(ends[0]), writeEnd(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error{std::string("cannot go into the background: ") + errnoText(errno)};
  if (child == 0) {
    ::setsid();
    const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (null) ::dup2(null.get(), 0);
    return Background(std::move(writeEnd));
  }
  // Ctrl-C while it starts ends both.
  unblockSignals();
  writeEnd.reset();
  char byte = 0;
  ssize_t got = 0;
  do got = ::read(readEnd.get(), &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got == 1) ::_exit(exitOk);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void Background::detach() {
  if (!_parent) return;
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (::chdir("/") != 0 || !null) return;
  ::dup2(null.get(), 1);
  ::dup2(null.get(), 2);
  (void)!::write(_parent.get(), "", 1);
  _parent.reset();
}

Status PidFile::write(const std::string& path) {
  const Status status = writeFileAtomically(path, std::to_string(::getpid()) + "\n", 0644);
  if (status) _path = path;
  return status;
}

void PidFile::remove() {
  if (_path.empty()) return;
  char text[32];
  const UniqueFd fd(::open(_path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t got = fd ? ::read(fd.get(), text, sizeof text) : 0;
  if (got > 0 && std::string(text, static_cast<size_t>(got)) == std::to_string(::getpid()) + "\n")
    ::unlink(_path.c_str());
  _path.clear();
}

}  // namespace tsunagi::service
