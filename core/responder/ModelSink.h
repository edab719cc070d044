#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "abi/responder.h"
#include "responder/Responder.h"

namespace tsunagi::responder {

// Receives the models a plugin lists; at most 1000. Belongs to the thread that made it.
class ModelSink {
 public:
  explicit ModelSink(std::function<void(std::string_view)> misbehaved) : _misbehaved(std::move(misbehaved)) {}
  // The rsp_model_fn of the host; ctx is a number of the SinkTable. Never throws.
  static int32_t callback(void* ctx, const rsp_model* model);
  std::vector<ModelInfo> takeModels() { return std::move(_models); }

 private:
  int32_t take(const rsp_model* model);

  const std::function<void(std::string_view)> _misbehaved;
  const std::thread::id _thread = std::this_thread::get_id();
  std::vector<ModelInfo> _models;
};

Capabilities capabilitiesOf(uint32_t caps, uint32_t maxConcurrency);

}  // namespace tsunagi::responder
