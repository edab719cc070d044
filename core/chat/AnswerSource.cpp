#include "chat/AnswerSource.h"

#include <utility>

namespace tsunagi::chat {
namespace {

class ResponderCall : public AnswerCall {
 public:
  explicit ResponderCall(std::shared_ptr<responder::Responder> responder) : _handle(std::move(responder)) {}
  responder::ChatOutcome run(const responder::ChatRequest& request) override {
    return _handle.responder().chat(_handle.id(), request, [](std::string_view) { return true; });
  }
  void cancel() override { _handle.responder().cancel(_handle.id()); }

 private:
  responder::CallHandle _handle;
};

}  // namespace

ResponderSource::ResponderSource(std::shared_ptr<responder::Responder> responder) : _responder(std::move(responder)) {}

std::vector<std::string> ResponderSource::models() {
  const responder::CallHandle call(_responder);
  std::vector<std::string> ids;
  for (const auto& model : _responder->models(call.id(), 0).models) ids.push_back(model.id);
  return ids;
}

bool ResponderSource::ready() {
  using State = responder::HealthReport::State;
  const responder::CallHandle call(_responder);
  const State state = _responder->health(call.id(), 0).state;
  return state == State::Ready || state == State::Unknown;  // Unknown: the plugin has no such look
}

std::unique_ptr<AnswerCall> ResponderSource::begin() { return std::make_unique<ResponderCall>(_responder); }

}  // namespace tsunagi::chat
