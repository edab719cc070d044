#include "files/Mover.h"

#include <Poco/Logger.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>
#include <vector>

#include "base/Encoding.h"
#include "base/Hash.h"

namespace tsunagi::files {
namespace {

constexpr int64_t PAGE = 100;
constexpr int64_t IDLE_SLEEP_MS = 2'000;  // "tsunagi-bridge user erase" beside the bridge cannot wake it
constexpr int64_t FIRST_RETRY_MS = 1'000;
constexpr int64_t LONGEST_RETRY_MS = 30'000;
constexpr size_t PIECE = 256 * 1024;
constexpr const char* ROOT = "files folder";

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("files");
  return instance;
}

std::error_code lastError() { return {errno, std::generic_category()}; }

// Another name beside a file that is there already: "a/12.jpg" to "a/12-2.jpg", that to "a/12-3.jpg".
std::string nextTarget(const std::string& target, int64_t fileId) {
  const size_t dot = target.rfind('.');
  const std::string stem = std::to_string(fileId);
  const std::string folder = target.substr(0, target.rfind('/') + 1);
  const std::string name = target.substr(folder.size(), dot - folder.size());
  const int number = name == stem ? 2 : std::atoi(name.c_str() + stem.size() + 1) + 1;
  return folder + stem + "-" + std::to_string(number) + target.substr(dot);
}

// Whatever the umask is; a file system without modes may refuse.
void openToGroup(const UniqueFd& file) { [[maybe_unused]] const int refused = ::fchmod(file.get(), 0640); }

std::string partOf(const std::string& target) { return target + ".part"; }

// Reads to the end in pieces; an error of each ends it.
template <typename Each>
std::error_code readPieces(const UniqueFd& file, Each each) {
  std::vector<char> piece(PIECE);
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return lastError();
    if (got == 0) return {};
    if (const auto error = each(std::string_view(piece.data(), static_cast<size_t>(got)))) return error;
  }
}

std::error_code writeAll(const UniqueFd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return lastError();
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

}  // namespace

Result<Folder> openRoot(const FileSettings& settings) {
  if (settings.makeRoot) {
    const bool made = ::mkdir(settings.root.c_str(), 0750) == 0;
    if (made ? ::chmod(settings.root.c_str(), 0750) != 0 : errno != EEXIST)
      return Error{"the files folder " + settings.root + " cannot be made: " + lastError().message()};
  }
  auto root = Folder::open(settings.root);
  if (!root || settings.marker.empty()) return root;
  uint64_t size = 0;
  if (const auto error = root->sizeOf(settings.marker, size))
    return Error{"the files folder " + settings.root + " is not mounted: its marker " + settings.marker + ": " +
                 error.message()};
  return root;
}

Mover::Mover(store::Tables& tables, const Spool& spool, Fetcher& fetcher, Bell& bell, Troubles& troubles,
             Fetcher::Settings settings)
    : _tables(tables),
      _spool(spool),
      _fetcher(fetcher),
      _bell(bell),
      _troubles(troubles),
      _settings(std::move(settings)) {}

void Mover::run() {
  int64_t retry = FIRST_RETRY_MS;
  std::shared_ptr<const FileSettings> last;
  while (!_bell.stopped()) {
    const uint64_t seen = _bell.rings();
    if (const auto now = _settings(); now != last) {
      last = now;
      retry = FIRST_RETRY_MS;
    }
    bool done = false;
    try {
      done = pass();
    } catch (const std::exception& e) {
      logger().error("files stay where they are, the store failed: %s", std::string(e.what()));
    }
    _bell.wait(seen, done ? IDLE_SLEEP_MS : retry);
    retry = done ? FIRST_RETRY_MS : std::min(LONGEST_RETRY_MS, retry * 2);
  }
}

bool Mover::pass() {
  auto drops = _tables.files.drops(0, PAGE);
  auto moves = _tables.files.toMove(0, PAGE);
  const bool needsRoot =
      !moves.empty() || std::any_of(drops.begin(), drops.end(), [](const auto& one) { return !one.target.empty(); });
  std::optional<Folder> root;
  if (needsRoot) {
    auto opened = openRoot(*_settings());
    if (opened)
      root = std::move(*opened);
    else
      _troubles.begin(ROOT, opened.error() + "; files wait in " + _spool.folder().path() + " until it is back");
  }
  if (root || !needsRoot) _troubles.end(ROOT);
  bool all = true;
  for (; !drops.empty(); drops = _tables.files.drops(drops.back().id, PAGE))
    for (const auto& one : drops) {
      if (_bell.stopped()) return false;
      all = drop(one, root) && all;
    }
  if (!root) return all && moves.empty();
  for (; !moves.empty(); moves = _tables.files.toMove(moves.back().id, PAGE))
    for (const auto& one : moves) {
      if (_bell.stopped()) return false;
      const Moved moved = move(one, *root);
      if (moved == Moved::Stop) return false;
      all = all && moved == Moved::Yes;
    }
  return all;
}

// Everywhere where the file may be. False: to be tried again.
bool Mover::drop(const store::FileDrop& drop, const std::optional<Folder>& root) {
  if (_fetcher.cancel(drop.fileId)) return false;
  if (_spool.remove(drop.fileId)) return false;
  if (!drop.target.empty()) {
    if (!root) return false;
    for (const auto& path : {drop.target, partOf(drop.target)})
      if (const auto error = root->remove(path)) {
        _troubles.begin(ROOT, "a file cannot be removed from " + root->path() + ": " + error.message());
        return false;
      }
    static_cast<void>(root->syncParentOf(drop.target));
  }
  _tables.files.finishDrop(drop.id);
  return true;
}

Mover::Moved Mover::move(const store::FileRow& row, const Folder& root) {
  const std::error_code error = bring(row, root);
  if (!error) {
    // When the row went meanwhile, its drop comes with the next pass.
    if (_tables.files.stored(row.id)) static_cast<void>(_spool.remove(row.id));
    return Moved::Yes;
  }
  if (error == std::errc::operation_canceled) return Moved::Stop;
  if (error == std::errc::file_exists) {
    // Somebody else's, or of a store that went back in time (J3).
    _tables.files.retarget(row.id, nextTarget(row.target, row.id));
    return Moved::Later;
  }
  uint64_t size = 0;
  const bool gone = _spool.folder().sizeOf(Spool::nameOf(row.id), size) == std::errc::no_such_file_or_directory;
  if (gone || error == std::errc::bad_message) {
    logger().error("file %s is lost: in %s it is %s", std::to_string(row.id), _spool.folder().path(),
                   std::string(gone ? "no longer there" : "not what was downloaded"));
    _tables.files.fail(row.id, reason::LOST);
    return Moved::Yes;
  }
  _troubles.begin(ROOT, "files cannot be brought to " + root.path() + ": " + error.message() + "; they wait in " +
                            _spool.folder().path());
  // What is wrong on the way to one file need not be so for the next.
  const bool onlyThis = error == std::errc::too_many_symbolic_link_levels || error == std::errc::not_a_directory ||
                        error == std::errc::filename_too_long || error == std::errc::invalid_argument;
  return onlyThis ? Moved::Later : Moved::Stop;
}

// The file is at its target then, whole and for good; also when an earlier run had brought it there. One that had to be
// copied is still in the spool, too.
std::error_code Mover::bring(const store::FileRow& row, const Folder& root) {
  const std::string name = Spool::nameOf(row.id);
  uint64_t there = 0;
  if (!root.sizeOf(row.target, there))
    return isSameFile(row, root) ? std::error_code() : std::make_error_code(std::errc::file_exists);
  UniqueFd from;
  if (const auto error = _spool.folder().openFile(name, O_RDONLY, 0, from)) return error;
  const std::string folder = row.target.substr(0, row.target.rfind('/'));
  if (const auto error = root.makeFolders(folder)) return error;
  openToGroup(from);
  std::error_code error = _spool.folder().rename(name, root, row.target);
  if (error == std::errc::cross_device_link) error = copy(row, root, from);
  if (error) return error;
  return root.syncParentOf(row.target);
}

std::error_code Mover::copy(const store::FileRow& row, const Folder& root, const UniqueFd& from) {
  const std::string part = partOf(row.target);
  if (const auto error = root.remove(part)) return error;
  UniqueFd to;
  if (const auto error = root.openFile(part, O_WRONLY | O_CREAT | O_EXCL, 0640, to)) return error;
  openToGroup(to);
  Sha256 hash;
  std::error_code error = readPieces(from, [&](std::string_view bytes) {
    hash.add(bytes);
    return _bell.stopped() ? std::make_error_code(std::errc::operation_canceled) : writeAll(to, bytes);
  });
  if (!error && toHex(hash.digest()) != row.sha256) error = std::make_error_code(std::errc::bad_message);
  if (!error && ::fsync(to.get()) != 0) error = lastError();
  if (!error) error = root.rename(part, root, row.target);
  if (error) static_cast<void>(root.remove(part));
  return error;
}

bool Mover::isSameFile(const store::FileRow& row, const Folder& root) const {
  UniqueFd file;
  if (root.openFile(row.target, O_RDONLY, 0, file)) return false;
  Sha256 hash;
  const auto error = readPieces(file, [&](std::string_view bytes) {
    hash.add(bytes);
    return std::error_code();
  });
  return !error && toHex(hash.digest()) == row.sha256;
}

}  // namespace tsunagi::files
