#include "tools/linesim/Page.h"

#include <string>

namespace tsunagi::linesim {

void addPageRoutes(net::HttpServer& server) {
  for (const PageFile* file = pageFilesBegin(); file != pageFilesEnd(); ++file) {
    server.route("GET", std::string(file->path),
                 [file](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                   net::HttpResponse response;
                   response.headers.add("Content-Type", std::string(file->contentType));
                   response.headers.add(
                       "Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
                       "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
                       "require-trusted-types-for 'script'; trusted-types 'none'");
                   response.headers.add("X-Content-Type-Options", "nosniff");
                   response.headers.add("Referrer-Policy", "no-referrer");
                   response.headers.add("Cache-Control", "no-store");
                   response.body = std::string(file->bytes);
                   reply.send(std::move(response));
                 });
  }
}

}  // namespace tsunagi::linesim
