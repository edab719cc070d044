#include "responder/PluginLibrary.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "base/Encoding.h"
#include "base/LogEscape.h"
#include "responder/PluginFile.h"

namespace tsunagi::responder {
namespace {

// No later header has a smaller table.
constexpr size_t kSmallestTable = offsetof(rsp_plugin, get_extension) + sizeof(rsp_plugin::get_extension);

// What was given to the dynamic linker. Entries are never removed: it keeps the library, knows it by the name
// /proc/self/fd/<n>, and so that number must never come to mean another file.
struct Loaded {
  void* handle = nullptr;
  UniqueFd file;
  std::shared_ptr<PluginLibrary> library;
};
struct LoadedTable {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, Loaded> files;
};
LoadedTable& loadedTable() {
  static auto* const table = new LoadedTable;  // outlives every static destructor, as the libraries do
  return *table;
}

std::string version(uint32_t major, uint32_t minor) { return std::to_string(major) + "." + std::to_string(minor); }

// A string of the descriptor: one line of valid UTF-8 with at most maxBytes.
bool isCleanText(const char* text, size_t maxBytes, bool lines) {
  const size_t length = ::strnlen(text, maxBytes + 1);
  const std::string_view view(text, length);
  return length <= maxBytes && isValidUtf8(view) && std::none_of(view.begin(), view.end(), [&](char c) {
           return static_cast<unsigned char>(c) < 0x20 && !(lines && (c == '\n' || c == '\t' || c == '\r'));
         });
}

bool isPluginId(const char* id) {
  const size_t length = ::strnlen(id, 65);
  return length > 0 && length <= 64 && std::all_of(id, id + length, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

// Empty when all is well.
std::string complaintAbout(const rsp_plugin& table) {
  std::string missing;
  const auto require = [&](bool there, const char* name) {
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  require(table.id != nullptr, "id");
  require(table.name != nullptr, "name");
  require(table.version != nullptr, "version");
  require(table.create != nullptr, "create");
  require(table.destroy != nullptr, "destroy");
  require(table.chat != nullptr, "chat");
  require(table.cancel != nullptr, "cancel");
  if (!missing.empty()) return "lacks " + missing;
  if (!isPluginId(table.id)) return "has an id that is not 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\"";
  if (!isCleanText(table.name, 128, false) || table.name[0] == '\0') return "has an unreadable name";
  if (!isCleanText(table.version, 64, false) || table.version[0] == '\0') return "has an unreadable version";
  if (table.vendor != nullptr && !isCleanText(table.vendor, 128, false)) return "has an unreadable vendor";
  if (table.description != nullptr && !isCleanText(table.description, 4096, true))
    return "has an unreadable description";
  return {};
}

std::string loaderError() {
  const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): per thread in glibc
  std::string_view message = text == nullptr ? "unknown reason" : text;
  // "/proc/self/fd/7: undefined symbol: x": the name means nothing to a reader.
  if (const size_t colon = message.find(": "); message.rfind("/proc/self/fd/", 0) == 0 && colon != message.npos)
    message.remove_prefix(colon + 2);
  return logEscape(message);
}

}  // namespace

Result<std::shared_ptr<PluginLibrary>> PluginLibrary::open(const std::string& folder, const std::string& name) {
  auto file = openPluginFile(folder, name);
  if (!file) return Error{file.error()};
  const std::string path = folder + "/" + name + ".so";
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return Error{"plugin file " + path + " cannot be examined"};

  LoadedTable& table = loadedTable();
  const std::lock_guard lock(table.mutex);
  const std::pair key(info.st_dev, info.st_ino);
  auto known = table.files.find(key);
  if (known == table.files.end()) {
    // By descriptor, so that what was checked is what is loaded, whatever happens to the path meanwhile.
    const std::string checked = "/proc/self/fd/" + std::to_string(file->get());
    void* const handle = ::dlopen(checked.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return Error{"plugin file " + path + " cannot be loaded: " + loaderError()};
    known = table.files.emplace(key, Loaded{handle, std::move(file).value(), nullptr}).first;
  }
  if (known->second.library == nullptr) {
    auto library = inspect(known->second.handle, path);
    if (!library) return library;
    known->second.library = std::move(library).value();
  }
  return known->second.library;
}

Result<std::shared_ptr<PluginLibrary>> PluginLibrary::inspect(void* handle, const std::string& path) {
  const std::string plugin = "plugin file " + path;
  void* const symbol = ::dlsym(handle, RSP_ENTRY_SYMBOL);
  if (symbol == nullptr) {
    for (uint32_t major = 0; major < 10; ++major)
      if (::dlsym(handle, ("responder_entry_v" + std::to_string(major)).c_str()) != nullptr)
        return Error{plugin + " is built for responder ABI " + std::to_string(major) + ", this program has " +
                     std::to_string(RSP_ABI_MAJOR) + ": install the plugin's build for it"};
    return Error{plugin + " is no responder plugin: it has no symbol " + RSP_ENTRY_SYMBOL};
  }
  const auto entry = reinterpret_cast<rsp_entry_fn>(symbol);
  const rsp_plugin* table = nullptr;
  try {
    table = entry(RSP_ABI_MINOR);
  } catch (...) {
    return Error{plugin + " threw an exception from " + RSP_ENTRY_SYMBOL};
  }
  if (table == nullptr)
    return Error{plugin + " does not serve responder ABI " + version(RSP_ABI_MAJOR, RSP_ABI_MINOR) +
                 " of this program: it needs a newer one"};
  if (table->struct_size >= offsetof(rsp_plugin, abi_minor) + sizeof table->abi_minor &&
      table->abi_minor < RSP_ABI_OLDEST_MINOR)
    return Error{plugin + " is built for responder ABI " + version(RSP_ABI_MAJOR, table->abi_minor) +
                 ", the oldest this program takes is " + version(RSP_ABI_MAJOR, RSP_ABI_OLDEST_MINOR) + ": rebuild it"};
  if (table->struct_size < kSmallestTable)
    return Error{plugin + " has a table of " + std::to_string(table->struct_size) + " bytes, the least is " +
                 std::to_string(kSmallestTable) + ": rebuild it"};

  std::shared_ptr<PluginLibrary> library(new PluginLibrary);
  library->_path = path;
  std::memcpy(&library->_table, table, std::min<size_t>(table->struct_size, sizeof library->_table));
  if (const std::string complaint = complaintAbout(library->_table); !complaint.empty())
    return Error{plugin + " " + complaint};
  if (const char* json = library->_table.config_schema_json; json != nullptr) {
    auto schema = ConfigSchema::parse(json);
    if (!schema) return Error{plugin + ": the schema of its settings " + schema.error()};
    library->_schema = std::move(schema).value();
  }
  return library;
}

bool PluginLibrary::takeControlTurn(int64_t timeoutMs) {
  std::unique_lock lock(_mutex);
  const auto isFree = [&] { return !_inControl; };
  if (timeoutMs < 0)
    _turnEnded.wait(lock, isFree);
  else if (!_turnEnded.wait_for(lock, std::chrono::milliseconds(timeoutMs), isFree))
    return false;
  _inControl = true;
  return true;
}

void PluginLibrary::endControlTurn() {
  const std::lock_guard lock(_mutex);
  _inControl = false;
  _turnEnded.notify_one();
}

}  // namespace tsunagi::responder
