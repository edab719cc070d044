#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "files/Bell.h"
#include "files/Downloader.h"
#include "files/Fetcher.h"
#include "files/FileSettings.h"
#include "files/Mover.h"
#include "files/Spool.h"
#include "files/Troubles.h"
#include "store/Tables.h"

namespace tsunagi::files {

// The files of messages (docs/files.md): their rows say what is to be downloaded, moved and removed, and the threads
// "fetch-N" and "file-move" do it. Thread-safe.
class FileService {
 public:
  static constexpr int DOWNLOADS = 3;  // at once

  // All outlive this; hooks are called on its threads.
  FileService(store::Tables& tables, std::unique_ptr<Spool> spool, const Clock& clock, FileHooks hooks);
  ~FileService();  // stop(), and waits for the threads
  FileService(const FileService&) = delete;
  FileService& operator=(const FileService&) = delete;

  void apply(const FileSettings& settings);  // the rows that wait are tried again
  void start();
  void changed() { _bell.ring(); }  // rows came or went
  void stop();                      // what is under way ends soon; its rows stay as they are
  // False when the threads have not ended within graceMs of real time: one hangs in a file system. Then this object,
  // and all it was given, must stay until the process leaves.
  bool join(int64_t graceMs);
  std::vector<std::string> troubles() const { return _troubles.list(); }

 private:
  void startThread(const std::string& name, std::function<void()> body);
  std::shared_ptr<const FileSettings> settings() const;

  store::Tables& _tables;
  const std::unique_ptr<Spool> _spool;
  Bell _bell;
  Troubles _troubles;
  Downloader _downloader;
  Fetcher _fetcher;
  Mover _mover;
  mutable std::mutex _mutex;  // guards what follows
  std::shared_ptr<const FileSettings> _settings;
  std::condition_variable _ended;
  int _running = 0;
  std::vector<NamedThread> _threads;
};

}  // namespace tsunagi::files
