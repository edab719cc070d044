#include "tests/support/Process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace tsunagi::test {
namespace {

std::vector<std::string> childEnvironment(const std::map<std::string, std::string>& added) {
  std::map<std::string, std::string> all;
  for (const char* name : {"PATH", "TMPDIR", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) all[name] = value;
  for (const auto& [name, value] : added) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec: only calls that are safe in a child of a threaded process.
struct ChildPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* input;
  const char* output;
  const char* error;
  const char* folder;
  rlim_t descriptors;
  pid_t parent;
  int report;
};

[[noreturn]] void becomeProgram(const ChildPlan& plan) {
  bool good = setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == plan.parent;
  const int in = open(plan.input, O_RDONLY);
  const int out = open(plan.output, O_WRONLY | O_APPEND);
  const int err = open(plan.error, O_WRONLY | O_APPEND);
  good = good && in >= 0 && out >= 0 && err >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2;
  for (const int fd : {in, out, err})
    if (fd > 2) close(fd);
  if (plan.descriptors > 0) {
    const rlimit limit{plan.descriptors, plan.descriptors};
    good = good && setrlimit(RLIMIT_NOFILE, &limit) == 0;
  }
  if (plan.folder[0] != '\0') good = good && chdir(plan.folder) == 0;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, SIGQUIT}) ::signal(number, SIG_DFL);
  if (good) execve(plan.program, plan.arguments, plan.environment);
  const int problem = errno;
  if (write(plan.report, &problem, sizeof problem) < 0) _exit(126);
  _exit(127);
}

}  // namespace

Process::Process(const std::string& program, Options options) : _program(program) {
  _folder.write("in", options.input);
  _folder.write("out", "");
  _folder.write("err", "");
  const std::string in = _folder.file("in"), out = _folder.file("out"), err = _folder.file("err");
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment = childEnvironment(options.environment);
  std::vector<char*> argumentList = pointers(arguments), environmentList = pointers(environment);

  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for " + program);
  const ChildPlan plan{program.c_str(), argumentList.data(),    environmentList.data(), in.c_str(), out.c_str(),
                       err.c_str(),     options.folder.c_str(), options.descriptors,    getpid(),   report[1]};
  _pid = fork();
  if (_pid == 0) becomeProgram(plan);
  close(report[1]);
  int problem = 0;
  ssize_t got = 0;
  do got = read(report[0], &problem, sizeof problem);
  while (got < 0 && errno == EINTR);
  close(report[0]);
  if (_pid < 0) throw std::runtime_error("cannot fork for " + program);
  if (got > 0) {
    reap(true);
    throw std::runtime_error("cannot start " + program + ": " + std::strerror(problem));
  }
}

Process::~Process() { kill9(); }

bool Process::reap(bool block) {
  if (_status) return true;
  int status = 0;
  pid_t got = 0;
  do got = waitpid(_pid, &status, block ? 0 : WNOHANG);
  while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  ExitStatus result;
  if (got > 0 && WIFEXITED(status)) result.code = WEXITSTATUS(status);
  if (got > 0 && WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  _status = result;
  return true;
}

bool Process::running() { return !reap(false); }

void Process::signal(int number) {
  if (running()) ::kill(_pid, number);
}

ExitStatus Process::kill9() {
  // The group goes first: its leader is not reaped yet, so the number cannot have been given to others.
  if (!_status) ::kill(-_pid, SIGKILL);
  reap(true);
  _told = true;
  return *_status;
}

ExitStatus Process::stop(std::chrono::milliseconds guard) {
  signal(SIGTERM);
  return wait(guard);
}

ExitStatus Process::wait(std::chrono::milliseconds guard) {
  if (!eventually([this] { return reap(false); }, guard)) {
    kill9();
    throw std::runtime_error(_program + " did not end\n" + standardOutput() + standardError());
  }
  _told = true;
  return *_status;
}

void Process::finish() {
  if (_told) return;
  const ExitStatus status = stop();
  if (status.code == 0) return;
  throw std::runtime_error(_program + " ended with code " + std::to_string(status.code) + ", signal " +
                           std::to_string(status.signal) + "\n" + standardOutput() + standardError());
}

std::string Process::findLine(const std::string& text, size_t occurrence) const {
  for (const std::string& all : {standardError(), standardOutput()}) {
    size_t seen = 0;
    for (size_t at = 0; (at = all.find(text, at)) != std::string::npos;) {
      const size_t begin = all.rfind('\n', at) == std::string::npos ? 0 : all.rfind('\n', at) + 1;
      const size_t end = all.find('\n', at);
      if (end == std::string::npos) break;
      if (++seen == occurrence) return all.substr(begin, end - begin);
      at = end;
    }
  }
  return {};
}

std::string Process::waitForLine(const std::string& text, size_t occurrence, std::chrono::milliseconds guard) {
  std::string line;
  bool ended = false;
  const bool inTime = eventually(
      [&] {
        ended = reap(false);  // before the look, so that the last words of the process are seen
        line = findLine(text, occurrence);
        return ended || !line.empty();
      },
      guard);
  if (!line.empty()) return line;
  throw std::runtime_error(_program + (inTime ? " ended without" : " did not write") + " \"" + text + "\"\n" +
                           standardOutput() + standardError());
}

std::string Process::standardOutput() const { return _folder.read("out"); }
std::string Process::standardError() const { return _folder.read("err"); }

ProcessResult runProcess(const std::string& program, Process::Options options, std::chrono::milliseconds guard) {
  Process process(program, std::move(options));
  ProcessResult result;
  result.status = process.wait(guard);
  result.output = process.standardOutput();
  result.error = process.standardError();
  return result;
}

}  // namespace tsunagi::test
