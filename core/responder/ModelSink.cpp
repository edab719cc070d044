#include "responder/ModelSink.h"

#include <algorithm>
#include <string>

#include "responder/SinkTable.h"
#include "responder/Utf8Repair.h"

namespace tsunagi::responder {
namespace {

constexpr size_t kMaxModels = 1000;
constexpr size_t kMaxNameBytes = 512;

std::string nameIn(rsp_str text) {
  if (text.data == nullptr || text.len == 0) return {};
  return repairedUtf8({text.data, std::min(text.len, kMaxNameBytes)});
}

}  // namespace

Capabilities capabilitiesOf(uint32_t caps, uint32_t maxConcurrency) {
  Capabilities capabilities;
  capabilities.streams = (caps & RSP_CAP_STREAM) != 0;
  capabilities.images = (caps & RSP_CAP_IMAGES) != 0;
  capabilities.audio = (caps & RSP_CAP_AUDIO) != 0;
  capabilities.sessions = (caps & RSP_CAP_SESSIONS) != 0;
  capabilities.hostTools = (caps & RSP_CAP_HOST_TOOLS) != 0;
  capabilities.maxConcurrency = maxConcurrency;
  return capabilities;
}

int32_t ModelSink::callback(void* ctx, const rsp_model* model) {
  try {
    const auto sink = SinkTable<ModelSink>::instance().find(ctx);
    return sink == nullptr ? 1 : sink->take(model);
  } catch (...) {
    return 1;
  }
}

int32_t ModelSink::take(const rsp_model* model) {
  if (std::this_thread::get_id() != _thread) {
    _misbehaved("a model came on a thread that is not inside list_models()");
    return 1;
  }
  if (model == nullptr || !RSP_HAS(model, reserved)) {
    _misbehaved("a model without content");
    return 0;
  }
  if (_models.size() >= kMaxModels) return 1;
  ModelInfo info;
  info.id = nameIn(model->id);
  info.name = nameIn(model->name);
  info.capabilities = capabilitiesOf(model->caps, 0);
  info.contextTokens = std::max<int64_t>(model->context_tokens, 0);
  info.loaded = model->loaded == 0 || model->loaded == 1 ? model->loaded : -1;
  _models.push_back(std::move(info));
  return 0;
}

}  // namespace tsunagi::responder
