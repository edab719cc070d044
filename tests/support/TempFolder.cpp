#include "tests/support/TempFolder.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tsunagi::test {
namespace fs = std::filesystem;

TempFolder::TempFolder() {
  const char* base = std::getenv("TMPDIR");
  _path = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/tsunagi-test-XXXXXX";
  if (mkdtemp(_path.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + _path);
}

TempFolder::~TempFolder() {
  if (const char* keep = std::getenv("TSUNAGI_KEEP"); keep != nullptr && *keep != '\0') {
    std::fprintf(stderr, "kept: %s\n", _path.c_str());
    return;
  }
  std::error_code ignored;
  fs::remove_all(_path, ignored);
}

std::string TempFolder::file(std::string_view name) const { return _path + "/" + std::string(name); }

std::string TempFolder::write(std::string_view name, std::string_view bytes, unsigned mode) const {
  const std::string target = file(name);
  fs::create_directories(fs::path(target).parent_path());
  {
    std::ofstream out(target, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) throw std::runtime_error("cannot write " + target);
  }
  if (chmod(target.c_str(), mode) != 0) throw std::runtime_error("cannot chmod " + target);
  return target;
}

std::string TempFolder::read(std::string_view name) const {
  std::ifstream in(file(name), std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file(name));
  return {std::istreambuf_iterator<char>(in), {}};
}

bool TempFolder::exists(std::string_view name) const {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file(name), ignored));
}

}  // namespace tsunagi::test
