#pragma once
#include <memory>
#include <string>
#include <vector>

#include "responder/Chat.h"
#include "responder/Responder.h"

namespace tsunagi::chat {

// One call to a responder.
class AnswerCall {
 public:
  virtual ~AnswerCall() = default;
  virtual responder::ChatOutcome run(const responder::ChatRequest& request) = 0;  // blocks; once
  virtual void cancel() = 0;  // [any thread] also before run(), which then returns at once
};

// Where answers come from: a responder, as a turn sees it. Thread-safe.
class AnswerSource {
 public:
  virtual ~AnswerSource() = default;
  virtual std::unique_ptr<AnswerCall> begin() = 0;
  // The ids of the models there are to choose from; nothing when the responder has none, or cannot tell now. Blocks.
  virtual std::vector<std::string> models() { return {}; }
  // Would a message be answered now? Blocks for the backend.
  virtual bool ready() { return true; }
};

// The real one. Keeps its instance alive, so that a turn ends on the instance it began with.
class ResponderSource : public AnswerSource {
 public:
  explicit ResponderSource(std::shared_ptr<responder::Responder> responder);
  std::unique_ptr<AnswerCall> begin() override;
  std::vector<std::string> models() override;
  bool ready() override;

 private:
  std::shared_ptr<responder::Responder> _responder;
};

}  // namespace tsunagi::chat
