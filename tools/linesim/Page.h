#pragma once
#include <string_view>

#include "net/HttpServer.h"

namespace tsunagi::linesim {

// One file of the chat page (web/linesim), bundled and put into the program at build time.
struct PageFile {
  std::string_view path;  // "/app.js"
  std::string_view contentType;
  std::string_view bytes;
};
const PageFile* pageFilesBegin();
const PageFile* pageFilesEnd();

// The chat page under /, with its security headers.
void addPageRoutes(net::HttpServer& server);

}  // namespace tsunagi::linesim
