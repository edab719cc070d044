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

std::unique_ptr<AnswerCall> ResponderSource::begin() { return std::make_unique<ResponderCall>(_responder); }

}  // namespace tsunagi::chat
