#pragma once
#include <stdexcept>
#include <string>

namespace tsunagi::service {

// What every program ends with; the numbers are those of sysexits.h. Killed by a second SIGTERM or SIGINT: 143 or 130.
enum ProgramExit : int {
  exitOk = 0,
  exitUsage = 64,          // unknown option, missing or surplus argument, unknown command
  exitUnavailable = 69,    // an address in use, a running program that does not answer
  exitInternal = 70,       // an error that is ours; also: did not stop within its deadline
  exitConfiguration = 78,  // configuration file, secret file, data folder
};

// Ends the program with one line on stderr and a code. Thrown by the hooks of Program.
class ProgramError : public std::runtime_error {
 public:
  ProgramError(ProgramExit code, const std::string& message) : std::runtime_error(message), _code(code) {}
  ProgramExit code() const { return _code; }

 private:
  ProgramExit _code;
};

}  // namespace tsunagi::service
