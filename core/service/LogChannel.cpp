#include "service/LogChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/ErrnoText.h"
#include "base/LogEscape.h"

namespace tsunagi::service {
namespace {

constexpr size_t MAX_LINE = 4096;  // one write of a pipe stays whole up to PIPE_BUF

const char* levelName(Poco::Message::Priority priority) {
  switch (priority) {
    case Poco::Message::PRIO_FATAL:
      return "fatal";
    case Poco::Message::PRIO_CRITICAL:
      return "critical";
    case Poco::Message::PRIO_ERROR:
      return "error";
    case Poco::Message::PRIO_WARNING:
      return "warning";
    case Poco::Message::PRIO_NOTICE:
      return "notice";
    case Poco::Message::PRIO_INFORMATION:
      return "information";
    case Poco::Message::PRIO_DEBUG:
      return "debug";
    case Poco::Message::PRIO_TRACE:
      return "trace";
  }
  return "information";
}

// syslog(3) severities, as the journal reads them from "<n>".
int severity(Poco::Message::Priority priority) {
  switch (priority) {
    case Poco::Message::PRIO_FATAL:
    case Poco::Message::PRIO_CRITICAL:
      return 2;
    case Poco::Message::PRIO_ERROR:
      return 3;
    case Poco::Message::PRIO_WARNING:
      return 4;
    case Poco::Message::PRIO_NOTICE:
      return 5;
    case Poco::Message::PRIO_INFORMATION:
      return 6;
    case Poco::Message::PRIO_DEBUG:
    case Poco::Message::PRIO_TRACE:
      return 7;
  }
  return 6;
}

std::string timeText(const Poco::Timestamp& time) {
  const auto ms = time.epochMicroseconds() / 1000;
  const auto seconds = static_cast<time_t>(ms / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string thousandths = std::to_string(1000 + ms % 1000).substr(1);
  return std::string(text, length) + "." + thousandths + "Z";
}

std::string quoted(const std::string& escaped) {
  std::string result = "\"";
  for (const char c : escaped) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// JOURNAL_STREAM is "device:inode" of the stream the journal gave us; stderr may have been redirected since.
bool isJournal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(descriptor, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

}  // namespace

std::string oneLine(std::string_view text, size_t maxBytes) {
  std::string result;
  for (size_t at = 0; at < text.size() && result.size() < maxBytes;) {
    const size_t slash = std::min(text.find('\\', at), text.size());
    result += logEscape(text.substr(at, slash - at), maxBytes);
    if (slash < text.size()) result += '\\';
    at = slash + 1;
  }
  return result;
}

LogChannel::LogChannel(int descriptor)
    : _stream(descriptor), _journal(isJournal(descriptor)), _descriptor(descriptor) {}

LogChannel::~LogChannel() {
  if (_file >= 0) ::close(_file);
}

Status LogChannel::setLogFile(const std::string& file) {
  if (file.empty()) {
    _descriptor = _stream;
    return {};
  }
  const int opened = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (opened < 0) return Error{"cannot open the log file " + file + ": " + errnoText(errno)};
  // The number stays the same: a thread that is just about to write finds the new file under it.
  if (_file < 0)
    _file = opened;
  else {
    ::dup3(opened, _file, O_CLOEXEC);
    ::close(opened);
  }
  _descriptor = _file;
  return {};
}

std::string LogChannel::line(const Poco::Message& message) const {
  const std::string text = oneLine(message.getText(), MAX_LINE);
  const std::string& source = message.getSource();
  if (_format == LogFormat::json)
    return "{\"time\":\"" + timeText(message.getTime()) + "\",\"level\":\"" + levelName(message.getPriority()) +
           "\",\"logger\":" + quoted(source) + ",\"text\":" + quoted(text) + "}\n";
  const std::string what = (source.empty() ? "" : source + ": ") + text + "\n";
  if (_journal && _descriptor == _stream) return "<" + std::to_string(severity(message.getPriority())) + ">" + what;
  return timeText(message.getTime()) + " " + levelName(message.getPriority()) + " " + what;
}

void LogChannel::log(const Poco::Message& message) {
  const std::string bytes = line(message);
  const int descriptor = _descriptor;
  const char* at = bytes.data();
  size_t left = bytes.size();
  while (left > 0) {
    const ssize_t put = ::write(descriptor, at, left);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;  // a log that cannot be written must not stop the program
    at += put;
    left -= static_cast<size_t>(put);
  }
}

Status setUpLogging(const LogSettings& settings) {
  static LogChannel* const channel = new LogChannel;  // outlives every logger
  static LogSettings current;
  static bool begun = false;
  channel->setLogFormat(settings.format);
  // Loggers are read without a lock by the threads that log, so they are touched only when something changes.
  if (!begun) {
    Poco::Logger::root();
    Poco::Logger::setChannel("", Poco::Channel::Ptr(channel, true));
  }
  if (!begun || settings.level != current.level || settings.loggers != current.loggers) {
    Poco::Logger::setLevel("", Poco::Logger::parseLevel(settings.level));
    for (const auto& [name, level] : settings.loggers) {
      Poco::Logger::get(name);
      Poco::Logger::setLevel(name, Poco::Logger::parseLevel(level));
    }
  }
  current = settings;
  begun = true;
  return channel->setLogFile(settings.file);
}

}  // namespace tsunagi::service
