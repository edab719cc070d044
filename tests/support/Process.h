#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/Eventually.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {

// How a process ended.
struct ExitStatus {
  int code = -1;   // exit code, or -1 when a signal ended it
  int signal = 0;  // that signal, or 0
};

// A started program: in a process group of its own, its output in files, never left behind. The kernel kills it when
// the thread that started it ends; the destructor kills the whole group and reaps. Waiting is by condition, with a hang
// guard only: guard times are never a measure of anything.
class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment = {};  // added to a small clean one (PATH, TMPDIR, HOME, sanitizers)
    std::string folder = {};                              // working folder; "" = as the test's
    std::string input = {};                               // what stdin gives
    rlim_t descriptors = 0;                               // soft and hard limit of open files; 0 = as the test's
  };

  // Throws std::runtime_error when the program cannot be started.
  Process(const std::string& program, Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return _pid; }
  bool running();
  void signal(int number);  // to the process alone; nothing when it has ended
  // SIGKILL to the whole group, and reap.
  ExitStatus kill9();
  // SIGTERM, wait; kills and throws when the guard ends.
  ExitStatus stop(std::chrono::milliseconds guard = HANG_GUARD);
  // For a program that must not have failed: SIGTERM if it still runs, then throws with its output unless the exit code
  // is 0. An end that stop(), wait() or kill9() already told is not judged again. A sanitizer's report at the exit is a
  // failure like any other.
  void finish();
  // Waits for the end; throws std::runtime_error with the output so far when the guard ends first.
  ExitStatus wait(std::chrono::milliseconds guard = HANG_GUARD);
  // Waits until a line of stdout or stderr contains text and returns it; throws, with the output so far, when the
  // process ends without it or the guard ends. occurrence: which of them, from 1.
  std::string waitForLine(const std::string& text, size_t occurrence = 1, std::chrono::milliseconds guard = HANG_GUARD);

  std::string standardOutput() const;
  std::string standardError() const;

 private:
  std::string findLine(const std::string& text, size_t occurrence) const;
  bool reap(bool block);

  TempFolder _folder;
  std::string _program;
  pid_t _pid = -1;
  std::optional<ExitStatus> _status;
  bool _told = false;  // the caller knows _status
};

// Starts, waits, and gives all of it.
struct ProcessResult {
  ExitStatus status;
  std::string output, error;
};
ProcessResult runProcess(const std::string& program, Process::Options options,
                         std::chrono::milliseconds guard = HANG_GUARD);

}  // namespace tsunagi::test
