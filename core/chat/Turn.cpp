#include "chat/Turn.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

#include "base/Random.h"
#include "chat/Names.h"
#include "chat/OwnerLine.h"
#include "chat/Phrases.h"
#include "chat/SlowAnswer.h"
#include "chat/TurnContext.h"
#include "line/PlainText.h"
#include "line/TextLimits.h"

namespace tsunagi::chat {
namespace {

using store::InboxState;

constexpr int64_t LONGEST_WAIT_MS = 60'000;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.turn");
  return instance;
}

std::string askerOf(const Arrival& arrival) { return arrival.person ? arrival.person->lineUserId : ""; }

bool isBlank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

Phrase sorry(const responder::ChatOutcome& outcome) {
  using Code = responder::ChatOutcome::Code;
  if (outcome.ok) return Phrase::Empty;
  if (outcome.code == Code::Deadline) return Phrase::TooSlow;
  if (outcome.code == Code::RateLimited || outcome.code == Code::Unavailable) return Phrase::Busy;
  return Phrase::NoAnswer;
}

}  // namespace

Turn::Turn(TurnParts parts, std::shared_ptr<const ChatSettings> settings, const ResponderChoice& responder,
           Arrival asked, bool pushLate)
    : _parts(std::move(parts)), _settings(std::move(settings)), _responder(responder), _pushLate(pushLate) {
  _arrivals.reserve(static_cast<size_t>(MAX_MERGED));  // the first one stays where it is
  _arrivals.push_back(std::move(asked));
}

LaneStep Turn::run(int failures) {
  Arrival& first = _arrivals.front();
  const int64_t idle = _settings->reply.idleResetMs;
  const auto last = first.conversation.lastTurnAtMs;
  if (idle > 0 && last && _parts.clock.wallMs() - *last > idle) {
    first.conversation = _parts.tables.conversations.startNew(first.row.channelId, first.row.conversation);
    logger().debug("event %s begins a new session after a pause", std::to_string(first.row.id));
  }
  learnNames(_parts.tables, _parts.clock, first);
  // Of an attempt that did not end: its button stands in the chat.
  _buttonSent = _parts.tables.held.ofEvent(first.row.id).has_value();
  addBehind();
  // That button may not have gone out yet; if it is still unclear, the lane settles it behind this turn.
  for (const int64_t id : behind()) _parts.send(id, 0);
  _parts.tables.events.beginWork(first.row.id, behind());
  _parts.door.countTurn(first, *_settings);
  _beganMs = _parts.clock.steadyMs();
  const responder::ChatOutcome outcome = ask();
  _answeredMs = _parts.clock.steadyMs();
  if (!outcome.ok && _parts.calls.cancelled()) {
    _parts.tables.events.returnWork(first.row.id, behind());
    return {LaneStep::Kind::RetryAt, _parts.clock.steadyMs()};
  }
  DayUse used;
  used.tokens = std::max<int64_t>(outcome.inputTokens, 0) + std::max<int64_t>(outcome.outputTokens, 0);
  used.backendMs = _parts.clock.steadyMs() - _beganMs;
  _parts.door.countUse(first, *_settings, used);
  return conclude(outcome, failures);
}

// What the same person typed meanwhile belongs to the question; anything else ends it.
void Turn::addBehind() {
  const Arrival first = _arrivals.front();
  for (const auto& row : _parts.tables.events.openBehind(first.row, MAX_MERGED - 1)) {
    // What was part of it before the process ended is so again: the button may have spent its token.
    const bool again = row.state == InboxState::Working;
    if (!again && (!_settings->reply.merge || _buttonSent || !row.replyToken)) return;
    const auto event = line::parseEvent(row.body);
    if (!event || event->isStandby() || !event->message || line::kindOf(*event->message) != line::MessageKind::Text)
      return;
    Arrival next = _parts.door.look(row, *event, *_settings);
    // Who LINE does not name may be anybody.
    const bool samePerson = first.person && next.person && next.person->id == first.person->id;
    if (!samePerson || next.startsNew || next.decision.action != AccessAction::Answer ||
        next.decision.maximumRole != first.decision.maximumRole)
      return;
    next.conversation = first.conversation;
    keepMessage(_parts.tables, next, *_settings);
    _arrivals.push_back(std::move(next));
  }
}

TokenLife Turn::life() {
  // A redelivery may have begun the token's life anew meanwhile.
  store::InboxRow& row = _arrivals.back().row;
  if (const auto now = _parts.tables.events.inboxRow(row.id)) row.receipt = now->receipt;
  return tokenLife(row.receipt, _parts.clock, _settings->tokenLifeMs);
}

TurnFacts Turn::facts(bool ready) {
  TurnFacts facts;
  facts.place = newest().place;
  facts.slow = _pushLate ? SlowPolicy::Push : _settings->reply.slow;
  facts.answerReady = ready;
  facts.tokenLeftMs = life().remainingMs;
  facts.sendMarginMs = std::min(SEND_MARGIN_MS, _settings->tokenLifeMs / 5);
  facts.waitedMs = _settings->tokenLifeMs - facts.tokenLeftMs;
  facts.buttonAtMs = _settings->reply.buttonAtMs;
  facts.buttonSent = _buttonSent;
  return facts;
}

responder::ChatOutcome Turn::ask() {
  const Arrival& first = _arrivals.front();
  TurnContext context = turnContext(_parts.tables, _arrivals, *_settings, _parts.clock);
  _answeredIds = std::move(context.answeredIds);
  _missed = context.missed;
  responder::ChatRequest request;
  request.conversationId = first.conversation.sessionKey;
  request.model = modelOf(first);
  request.messages = std::move(context.context.messages);
  request.deadlineSteadyMs = _parts.clock.steadyMs() + _settings->reply.answerLimitMs;
  CallThread call(_responder.source->begin(), std::move(request), _parts.calls,
                  {first.row.channelId, first.row.conversation});
  // What answers at once needs no animation.
  while (!call.waitMs(_nextLoadingMs == 0 ? 200 : 0)) {
    showLoading();
    const TurnPlan plan = planTurn(facts(false));
    if (plan.kind == TurnPlan::Kind::SendButton) {
      sendButton();
      continue;
    }
    const int64_t due = plan.inMs > 0 ? plan.inMs : LONGEST_WAIT_MS;
    const int64_t loading = _nextLoadingMs - _parts.clock.steadyMs();
    call.waitMs(std::clamp<int64_t>(std::min(due, loading), 1, LONGEST_WAIT_MS));
  }
  return call.outcome();
}

void Turn::showLoading() {
  const int64_t now = _parts.clock.steadyMs();
  if (now < _nextLoadingMs) return;
  _nextLoadingMs = now + (LOADING_SECONDS - 2) * 1000;
  const Arrival& arrival = newest();
  if (_settings->reply.loading && arrival.place == Place::Direct && arrival.person && arrival.channel->api)
    arrival.channel->api->startLoading(arrival.person->lineUserId, LOADING_SECONDS);
}

// Spends the token on a button whose tap brings another one.
void Turn::sendButton() {
  const Arrival& first = _arrivals.front();
  const Arrival& arrival = newest();
  const auto held = _parts.tables.held.open(first.row.id, arrival.person ? arrival.person->lineUserId : "");
  _buttonSent = true;
  store::OutboxDraft draft;
  draft.target = *arrival.row.replyToken;
  draft.body = slowButtonJson(arrival.language, Phrase::SlowText, held.ticket);
  _parts.tables.events.interim(arrival.row.id, draft);
  // An unclear outcome is left to the lane's next step: the answer is kept for the button or the next token anyway.
  _parts.send(arrival.row.id, 0);
  _nextLoadingMs = _parts.clock.steadyMs();  // the button ended the animation
}

LaneStep Turn::conclude(const responder::ChatOutcome& outcome, int failures) {
  const Arrival& first = _arrivals.front();
  if (!outcome.ok && outcome.code == responder::ChatOutcome::Code::Cancelled) {
    // By /stop, which is answered itself.
    for (const int64_t id : merged()) _parts.tables.events.finish(id, InboxState::Done, "stopped");
    _parts.tables.events.finish(newest().row.id, InboxState::Done, "stopped");
    return {};
  }
  // Busy is not down.
  if (outcome.ok || outcome.code != responder::ChatOutcome::Code::RateLimited)
    _parts.desk.responderEnded(_responder.name, outcome.ok, _parts.clock.steadyMs());
  if (outcome.ok && !isBlank(outcome.text)) {
    const bool cut = outcome.finish == responder::ChatOutcome::kFinishLength || outcome.truncated;
    line::PlainTextOptions plain;
    plain.links = _settings->reply.links;
    std::string answer = line::plainText(outcome.text, plain);
    if (_missed > 0)
      answer = say(Phrase::LateNotice, first.language, {{"count", std::to_string(_missed)}}) + "\n\n" + answer;
    const AnswerParts parts = splitAnswer(answer, cut, phrase(Phrase::CutMark, first.language));
    const LaneStep step = hand(parts.now, parts.rest, InboxState::Done, "answered", failures);
    const bool sameBoot = first.row.receipt.bootId == _parts.clock.bootId();
    const int64_t endedMs = _parts.clock.steadyMs();
    _parts.recent.add({first.event.webhookEventId, first.row.receipt.ageMs,
                       sameBoot ? _beganMs - first.row.receipt.steadyMs : 0, _answeredMs - _beganMs,
                       endedMs - _answeredMs});
    return step;
  }
  logger().warning("event %s: the responder gave no answer (%s): %s", std::to_string(first.row.id),
                   std::string(outcome.ok ? "empty" : responder::codeName(outcome.code)), outcome.message);
  return fail(sorry(outcome), failures);
}

// In 1:1 a sentence; in groups one in an hour, and none that would have to wait for a token (J20).
LaneStep Turn::fail(Phrase what, int failures) {
  const Arrival& arrival = newest();
  if (arrival.place != Place::Direct) {
    store::Meters& meters = _parts.tables.meters;
    const std::string meter = "failure:" + std::to_string(arrival.row.channelId) + ":" + arrival.row.conversation;
    const int64_t now = _parts.clock.wallMs();
    const WindowCounter last = windowFromText(meters.get(meter));
    const auto ago = last.toldMs > 0 ? std::optional<int64_t>(now - last.toldMs) : std::nullopt;
    if (planFailure(arrival.place, ago) == FailurePlan::Silence ||
        planTurn(facts(true)).kind != TurnPlan::Kind::Reply) {
      _parts.persist([&] {
        _parts.tables.messages.leaveOut(arrival.row.channelId, _answeredIds);
        for (const int64_t id : merged()) _parts.tables.events.finish(id, InboxState::Done, "silent");
        _parts.tables.events.finish(arrival.row.id, InboxState::Done, "silent");
      });
      return {};
    }
    WindowCounter said;
    said.toldMs = now;
    meters.set({{meter, toText(said)}});
  }
  return hand({say(what, arrival.language)}, "", InboxState::Done, "apology", failures);
}

std::vector<int64_t> Turn::merged() const {
  std::vector<int64_t> ids;
  for (size_t i = 0; i + 1 < _arrivals.size(); ++i) ids.push_back(_arrivals[i].row.id);
  return ids;
}

std::vector<int64_t> Turn::behind() const {
  std::vector<int64_t> ids;
  for (size_t i = 1; i < _arrivals.size(); ++i) ids.push_back(_arrivals[i].row.id);
  return ids;
}

void Turn::keep(const std::vector<std::string>& texts, const std::string& rest, InboxState state, bool apology) {
  const Arrival& first = _arrivals.front();
  const Arrival& arrival = newest();
  const auto held = _parts.tables.held.open(first.row.id, askerOf(arrival));
  std::vector<std::string> all = texts;
  for (auto& piece : line::splitText(rest)) all.push_back(std::move(piece));
  _parts.persist([&] {
    _parts.tables.held.fill(held.id, all, _answeredIds, apology);
    _parts.tables.messages.clearMissed(arrival.row.channelId, arrival.row.conversation);
    for (const int64_t id : merged()) _parts.tables.events.finish(id, InboxState::Done, "held");
    _parts.tables.events.finish(arrival.row.id, state, "held");
  });
}

// The recipients of a push, which is counted with this; 0: the answer must not be pushed.
int64_t Turn::takePush() {
  const Arrival& arrival = newest();
  return _parts.door.takePush(arrival, *_settings, _parts.quota.room(*arrival.channel));
}

LaneStep Turn::hand(const std::vector<std::string>& texts, const std::string& rest, InboxState state,
                    const char* outcome, int failures) {
  const Arrival& arrival = newest();
  const bool apology = std::string_view(outcome) == "apology";
  const TurnPlan plan = planTurn(facts(true));
  // That there is no answer is not worth a paid message.
  const int64_t recipients = plan.kind == TurnPlan::Kind::Push && !apology ? takePush() : 0;
  const bool push = recipients > 0;
  std::unique_lock delivering(_parts.delivering);
  if (plan.kind != TurnPlan::Kind::Reply && !push) {
    keep(texts, rest, state, apology);
    delivering.unlock();
    return _parts.send(arrival.row.id, failures);
  }
  store::OutboxDraft draft;
  draft.target = *arrival.row.replyToken;
  if (push) {
    draft.method = "push";
    draft.target = arrival.row.conversation;
    draft.retryKey = randomUuid();
    draft.recipients = recipients;
  }
  draft.asker = askerOf(arrival);
  draft.answeredIds = _answeredIds;
  draft.apology = apology;
  std::vector<std::string> out;
  // An answer that waited for a token comes first, when both fit.
  const auto waiting = _parts.tables.held.waiting(arrival.row.channelId, arrival.row.conversation);
  const bool replaced = waiting && waiting->inboxId == _arrivals.front().row.id;
  if (waiting && !replaced) out = keptTexts(*waiting, arrival.language);
  if (out.size() + texts.size() > line::MAX_MESSAGES || !rest.empty()) out.clear();
  if (replaced) {
    draft.heldAnswer = waiting->id;  // of an attempt that did not end: this answer comes in its place
  } else if (!out.empty()) {
    draft.heldAnswer = waiting->id;
    draft.heldTexts = out.size();
    if (!draft.apology)
      draft.answeredIds.insert(draft.answeredIds.end(), waiting->answeredIds.begin(), waiting->answeredIds.end());
  }
  out.insert(out.end(), texts.begin(), texts.end());
  std::string restTicket;
  if (!rest.empty()) restTicket = _parts.tables.held.addRest(arrival.row.id, draft.asker, line::splitText(rest)).ticket;
  // A pushed answer comes when the chat has gone on: it says what it is about.
  const bool quotes = _settings->reply.quote && (push || arrival.place != Place::Direct);
  if (!draft.apology) draft.texts = keptAnswer(arrival, out);
  OwnerDesk::Line forOwner;
  if (!push) forOwner = ownerLine(_parts.desk, arrival, out.size() + (restTicket.empty() ? 0 : 1));
  if (!forOwner.text.empty()) out.push_back(forOwner.text);
  draft.body = answerJson(out, restTicket, arrival.language, quotes ? arrival.event.message->quoteToken : "");
  _parts.persist([&] { _parts.tables.events.answer(arrival.row.id, state, outcome, draft, merged()); });
  _parts.desk.said(forOwner);
  delivering.unlock();
  return _parts.send(arrival.row.id, failures);
}

}  // namespace tsunagi::chat
