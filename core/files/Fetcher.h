#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "files/Bell.h"
#include "files/Downloader.h"
#include "net/CancelToken.h"

namespace tsunagi::files {

// Which downloads are under way, and the loop of the threads that make them. Thread-safe.
class Fetcher {
 public:
  using Settings = std::function<std::shared_ptr<const FileSettings>()>;
  // All outlive this. bell rings when rows came or went, and is rung when one changed.
  Fetcher(store::Tables& tables, Downloader& downloader, Bell& bell, const Clock& clock, Settings settings);

  void run();        // [several threads] until the bell is stopped
  void cancelAll();  // downloads under way end; their rows stay as they are
  // Ends the download of that file, if one is under way: true until it has ended.
  bool cancel(int64_t fileId);

 private:
  bool step();
  int64_t untilNextMs();

  store::Tables& _tables;
  Downloader& _downloader;
  Bell& _bell;
  const Clock& _clock;
  const Settings _settings;
  std::mutex _mutex;
  std::map<int64_t, std::shared_ptr<net::CancelToken>> _inHand;
};

}  // namespace tsunagi::files
