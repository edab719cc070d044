#include "files/FileService.h"

#include <chrono>
#include <utility>

namespace tsunagi::files {

FileService::FileService(store::Tables& tables, std::unique_ptr<Spool> spool, const Clock& clock, FileHooks hooks)
    : _tables(tables),
      _spool(std::move(spool)),
      _downloader(tables, *_spool, clock, _troubles, std::move(hooks)),
      _fetcher(tables, _downloader, _bell, clock, [this] { return settings(); }),
      _mover(tables, *_spool, _fetcher, _bell, _troubles, [this] { return settings(); }),
      _settings(std::make_shared<FileSettings>()) {}

FileService::~FileService() {
  stop();
  _threads.clear();
}

std::shared_ptr<const FileSettings> FileService::settings() const {
  const std::lock_guard lock(_mutex);
  return _settings;
}

void FileService::apply(const FileSettings& settings) {
  {
    const std::lock_guard lock(_mutex);
    _settings = std::make_shared<FileSettings>(settings);
  }
  _tables.files.retryNow();
  _bell.ring();
}

void FileService::start() {
  for (int i = 0; i < DOWNLOADS; ++i) startThread("fetch-" + std::to_string(i), [this] { _fetcher.run(); });
  startThread("file-move", [this] { _mover.run(); });
}

void FileService::startThread(const std::string& name, std::function<void()> body) {
  const std::lock_guard lock(_mutex);
  ++_running;
  _threads.emplace_back(name, [this, body = std::move(body)] {
    body();
    const std::lock_guard ended(_mutex);
    --_running;
    _ended.notify_all();
  });
}

void FileService::stop() {
  _bell.stop();
  _fetcher.cancelAll();
}

bool FileService::join(int64_t graceMs) {
  std::unique_lock lock(_mutex);
  return _ended.wait_for(lock, std::chrono::milliseconds(graceMs), [&] { return _running == 0; });
}

}  // namespace tsunagi::files
