// The data host: what users sent, its previews, and whether it is ready (line-api.md section 3).
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/linesim/BotAnswers.h"
#include "tools/linesim/Platform.h"
#include "tools/linesim/PlatformLookUp.h"

namespace tsunagi::linesim {
namespace {

bool isTranscoded(const std::string& kind) { return kind == "video" || kind == "audio"; }
bool hasPreview(const std::string& kind) { return kind == "video" || kind == "image"; }

// Asks once more; true while it is not ready.
bool stillPreparing(Content& content) {
  if (content.preparing == 0) return false;
  --content.preparing;
  return true;
}

}  // namespace

BotAnswer Platform::contentOrFault(const std::string& endpoint, const BotCall& call, bool preview) {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = start(endpoint, call);
  if (answer.status != 200) return answer;
  _ledger.addContentRequest();
  const auto fault = _faults.take(endpoint);
  if (fault && !fault->afterEffect && !fault->isOfContent()) {
    spoil(answer, *fault);
    return answer;
  }
  Content* const content = _contents.find(call.parameters.at(0));
  if (!content) return refuse(std::move(answer), 404, "not found");
  if (content->gone) return refuse(std::move(answer), 410, "The content is gone");
  if (preview && !hasPreview(content->kind)) return refuse(std::move(answer), 400, "The content can not be previewed");
  if (stillPreparing(*content)) {
    answer.status = 202;
    answer.body = "{}";
    return answer;
  }
  if (content->failed) return refuse(std::move(answer), 404, "not found");
  answer.contentType = content->mimeType;
  answer.content = content->bytes;
  answer.effect = true;
  if (fault) spoil(answer, *fault);
  return answer;
}

BotAnswer Platform::content(const BotCall& call) { return contentOrFault("content", call, false); }
BotAnswer Platform::contentPreview(const BotCall& call) { return contentOrFault("preview", call, true); }

BotAnswer Platform::transcoding(const BotCall& call) {
  return lookUp("transcoding", call, [&](BotAnswer answer) {
    _ledger.addContentRequest();
    Content* const content = _contents.find(call.parameters.at(0));
    if (!content) return refuse(std::move(answer), 404, "not found");
    if (content->gone) return refuse(std::move(answer), 410, "The content is gone");
    if (!isTranscoded(content->kind))
      return refuse(std::move(answer), 400, "Transcoding status doesn't support this type of content");
    const char* status = stillPreparing(*content) ? "processing" : content->failed ? "failed" : "succeeded";
    answer.body = dumpJson({{"status", status}});
    return answer;
  });
}

}  // namespace tsunagi::linesim
