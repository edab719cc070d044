#include "chat/TurnRunner.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "line/TextLimits.h"
#include "sql/Database.h"

namespace tsunagi::chat {
namespace {

using store::InboxState;

constexpr int64_t STORE_BACKOFF_MS = 500;
constexpr int64_t LONGEST_STORE_BACKOFF_MS = 10'000;
constexpr int64_t SETTINGS_WAIT_MS = 15'000;
constexpr int PERSIST_TRIES = 6;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.turn");
  return instance;
}

int64_t sendMarginMs(int64_t tokenLifeMs) { return std::min(TurnRunner::SEND_MARGIN_MS, tokenLifeMs / 5); }

bool isBlank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

}  // namespace

std::vector<std::string> answerTexts(const std::string& answer, Language language) {
  auto texts = line::splitText(answer);
  if (texts.size() <= line::MAX_MESSAGES) return texts;
  texts.resize(line::MAX_MESSAGES);
  const std::string mark(phrase(Phrase::CutMark, language));
  // The last piece gives way to the mark; the cut falls where splitText() thinks best.
  auto shorter = line::splitText(texts.back(), line::MAX_TEXT_UNITS - line::utf16Length(mark));
  texts.back() = (shorter.empty() ? std::string() : shorter.front()) + mark;
  return texts;
}

bool isAnswerable(const line::Event& event) {
  return event.type == "message" && event.mode != "standby" && event.message && event.message->type == "text" &&
         !isBlank(event.message->text) && !event.conversation().empty();
}

TurnRunner::TurnRunner(store::BridgeStore& store, const CurrentSettings& settings, RunningCalls& calls,
                       StopSignal& stop, const Clock& clock)
    : _store(store), _settings(settings), _calls(calls), _stop(stop), _clock(clock), _outbox(store, settings, clock) {}

LaneStep TurnRunner::handle(const store::LaneEntry& entry, int failures) {
  try {
    return handleOrThrow(entry, failures);
  } catch (const sql::SqlError& e) {
    logger().error("the store failed, event %s waits: %s", std::to_string(entry.inboxId), std::string(e.what()));
  } catch (const std::exception& e) {
    logger().error("event %s failed and waits: %s", std::to_string(entry.inboxId), std::string(e.what()));
  }
  const int64_t wait = std::min(LONGEST_STORE_BACKOFF_MS, STORE_BACKOFF_MS << std::min(failures, 8));
  return {LaneStep::Kind::RetryAt, _clock.steadyMs() + wait};
}

LaneStep TurnRunner::handleOrThrow(const store::LaneEntry& entry, int failures) {
  const auto row = _store.inboxRow(entry.inboxId);
  if (!row) return {};
  if (row->state == InboxState::Done || row->state == InboxState::Dead) return send(row->id, failures);
  const auto event = line::parseEvent(row->body);
  if (!event || !isAnswerable(*event) || !row->replyToken) {
    _store.finish(row->id, InboxState::Done, "not answered");
    return {};
  }
  return turn(*row, *event, failures);
}

LaneStep TurnRunner::turn(const store::InboxRow& row, const line::Event& event, int failures) {
  const auto settings = _settings.get();
  const TokenLife life = tokenLife(row.receipt, _clock, settings->tokenLifeMs);
  const int64_t usableMs = life.remainingMs - sendMarginMs(settings->tokenLifeMs);
  if (usableMs <= 0) {
    _store.finish(row.id, InboxState::Done, "late");
    logger().information("event %s came to its turn too late to be answered by its reply token",
                         std::to_string(row.id));
    return {};
  }
  const ChannelSettings* channel = settings->channel(row.channel);
  if (channel == nullptr || !channel->sender || !settings->responder) return waitForSettings(row, life);
  if (row.attempts >= MAX_ATTEMPTS) {
    logger().error("event %s is given up: the bridge ended during each of %s attempts", std::to_string(row.id),
                   std::to_string(row.attempts));
    commitAnswer(row, InboxState::Dead, "apology", {std::string(phrase(Phrase::GaveUp, settings->language))});
    return send(row.id, failures);
  }
  if (_calls.cancelled()) return {LaneStep::Kind::RetryAt, _clock.steadyMs()};

  responder::ChatRequest request;
  request.conversationId = std::to_string(row.channelId) + ":" + row.conversation;
  request.messages.push_back(
      {responder::ChatMessage::Role::User, {{responder::ChatPart::Kind::Text, event.message->text, "", ""}}});
  request.deadlineSteadyMs = _clock.steadyMs() + std::min(usableMs, settings->answerLimitMs);

  _store.beginWork(row.id);
  const int64_t beganMs = _clock.steadyMs();
  responder::ChatOutcome outcome;
  {
    const auto call = settings->responder->begin();
    const RunningCalls::Entry running(_calls, *call);
    outcome = call->run(request);
  }
  if (!outcome.ok && _calls.cancelled()) {
    _store.returnWork(row.id);
    return {LaneStep::Kind::RetryAt, _clock.steadyMs()};
  }
  if (outcome.ok && !isBlank(outcome.text)) {
    commitAnswer(row, InboxState::Done, "answered", answerTexts(outcome.text, settings->language));
  } else {
    const bool slow = outcome.code == responder::ChatOutcome::Code::Deadline;
    const Phrase sorry = outcome.ok ? Phrase::Empty : slow ? Phrase::TooSlow : Phrase::NoAnswer;
    logger().warning("event %s: the responder gave no answer (%s): %s", std::to_string(row.id),
                     std::string(outcome.ok ? "empty" : responder::codeName(outcome.code)), outcome.message);
    commitAnswer(row, InboxState::Done, "apology", {std::string(phrase(sorry, settings->language))});
  }
  const int64_t answeredMs = _clock.steadyMs();
  const LaneStep step = send(row.id, failures);
  const bool sameBoot = row.receipt.bootId == _clock.bootId();
  _recent.add({event.webhookEventId, row.receipt.ageMs, sameBoot ? beganMs - row.receipt.steadyMs : 0,
               answeredMs - beganMs, _clock.steadyMs() - answeredMs});
  return step;
}

LaneStep TurnRunner::waitForSettings(const store::InboxRow& row, const TokenLife& life) {
  logger().debug("event %s waits: [%s] has no access token, or there is no responder", std::to_string(row.id),
                 row.channel);
  return {LaneStep::Kind::Waiting, _clock.steadyMs() + std::min(life.remainingMs, SETTINGS_WAIT_MS)};
}

void TurnRunner::commitAnswer(const store::InboxRow& row, InboxState state, const char* outcome,
                              const std::vector<std::string>& texts) {
  store::OutboxDraft draft;
  draft.target = *row.replyToken;
  draft.body = line::textMessagesJson(texts);
  persist([&] { _store.answer(row.id, state, outcome, draft); });
}

LaneStep TurnRunner::send(int64_t inboxId, int failures) {
  const auto row = _store.openOutboxOf(inboxId);
  return row ? _outbox.step(*row, failures) : LaneStep{};
}

// An answer that was paid for is worth some waiting for the disk; if that does not help, the event's next attempt asks
// again.
void TurnRunner::persist(const std::function<void()>& write) {
  for (int tries = 1;; ++tries) {
    try {
      return write();
    } catch (const sql::SqlError& e) {
      if (tries >= PERSIST_TRIES) throw;
      logger().error("the store failed, the answer is kept and tried again: %s", std::string(e.what()));
      if (_stop.waitMs(STORE_BACKOFF_MS << (tries - 1))) throw;
    }
  }
}

}  // namespace tsunagi::chat
