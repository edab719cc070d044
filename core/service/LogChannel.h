#pragma once
#include <Poco/Channel.h>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/Result.h"

namespace tsunagi::service {

// A message made fit for one line: as logEscape() does it, but a backslash stays one, since text from outside was
// escaped where it entered the message.
std::string oneLine(std::string_view text, size_t maxBytes);

enum class LogFormat { plain, json };

// Writes each message with one write(2) to stderr or to a file, so that lines of threads never mix. Thread-safe.
//   plain   2026-11-22T06:10:00.123Z warning relay.edge: text     (at the journal "<4>relay.edge: text")
//   json    {"time":"...","level":"warning","logger":"relay.edge","text":"..."}
// Line ends and other control characters of a message are escaped (S25).
class LogChannel : public Poco::Channel {
 public:
  explicit LogChannel(int descriptor = 2);
  ~LogChannel() override;
  void setLogFormat(LogFormat format) { _format = format; }
  // Appends to file from now on (made with 0600; opened anew by each call, as log rotation needs); "" = stderr again.
  // Not from two threads at once.
  Status setLogFile(const std::string& file);
  void log(const Poco::Message& message) override;
  std::string line(const Poco::Message& message) const;

 private:
  int _stream;  // what "" means
  bool _journal;
  int _file = -1;
  std::atomic<int> _descriptor;
  std::atomic<LogFormat> _format{LogFormat::plain};
};

// What [log] and the options say about the log.
struct LogSettings {
  std::string level = "information";  // fatal, critical, error, warning, notice, information, debug, trace, none
  LogFormat format = LogFormat::plain;
  std::string file;                                          // absolute; "" = stderr
  std::vector<std::pair<std::string, std::string>> loggers;  // ("relay.edge", "debug"): that logger and those below it
};

// Puts the channel under Poco's root logger and every existing one, and sets the levels. May be called again at any
// time to change them and to open the log file anew; not from two threads at once. Fails when the file cannot be
// opened: the log then goes on where it went.
// Nothing needs to be shut down: the channel has no thread, and Poco frees its loggers when the process exits. (Freeing
// them sooner would pull them from under Poco::Util::Application, which logs after main().)
Status setUpLogging(const LogSettings& settings);

}  // namespace tsunagi::service
