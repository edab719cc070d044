#include "chat/Arrival.h"

namespace tsunagi::chat {

const ResponderChoice* responderOf(const Arrival& arrival, const ChatSettings& settings) {
  if (!arrival.decision.maximumRole) return nullptr;
  const bool named = arrival.project && !arrival.project->responder.empty();
  return named ? settings.responderNamed(arrival.project->responder, *arrival.decision.maximumRole)
               : settings.responderFor(*arrival.decision.maximumRole);
}

const std::string& modelOf(const Arrival& arrival) {
  return arrival.conversation.model.empty() && arrival.project ? arrival.project->model : arrival.conversation.model;
}

}  // namespace tsunagi::chat
