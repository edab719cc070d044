#include "line/MediaTypes.h"

#include <algorithm>

namespace tsunagi::line {
namespace {

struct Entry {
  std::string_view type;
  std::string_view extension;
};

constexpr Entry TABLE[] = {
    {"image/jpeg", "jpg"},
    {"image/jpg", "jpg"},
    {"image/png", "png"},
    {"image/gif", "gif"},
    {"image/webp", "webp"},
    {"image/heic", "heic"},
    {"image/heif", "heif"},
    {"image/bmp", "bmp"},
    {"image/tiff", "tiff"},
    {"video/mp4", "mp4"},
    {"video/quicktime", "mov"},
    {"video/webm", "webm"},
    {"video/3gpp", "3gp"},
    {"audio/mp4", "m4a"},
    {"audio/m4a", "m4a"},
    {"audio/x-m4a", "m4a"},
    {"audio/aac", "aac"},
    {"audio/mpeg", "mp3"},
    {"audio/mp3", "mp3"},
    {"audio/ogg", "ogg"},
    {"audio/wav", "wav"},
    {"audio/x-wav", "wav"},
    {"audio/webm", "webm"},
    {"application/pdf", "pdf"},
    {"application/zip", "zip"},
    {"application/json", "json"},
    {"application/msword", "doc"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.ms-powerpoint", "ppt"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
    {"text/plain", "txt"},
    {"text/csv", "csv"},
    {"text/markdown", "md"},
};

constexpr size_t MAX_TYPE = 127;  // bytes; RFC 6838 section 4.2 gives each half as many

// RFC 9110 section 5.6.2
bool isTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar); }

}  // namespace

std::string mediaTypeOf(std::string_view contentType) {
  std::string type(contentType.substr(0, contentType.find(';')));
  const size_t first = type.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  type = type.substr(first, type.find_last_not_of(" \t") - first + 1);
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const size_t slash = type.find('/');
  if (slash == std::string::npos || type.size() > MAX_TYPE) return {};
  const std::string_view all = type;
  return isToken(all.substr(0, slash)) && isToken(all.substr(slash + 1)) ? type : std::string();
}

std::string_view extensionOf(std::string_view mediaType) {
  for (const Entry& entry : TABLE)
    if (entry.type == mediaType) return entry.extension;
  return "bin";
}

}  // namespace tsunagi::line
