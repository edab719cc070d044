#include "chat/TurnRunner.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/LogEscape.h"
#include "chat/Names.h"
#include "chat/OwnerLine.h"
#include "chat/OwnerPush.h"
#include "chat/Phrases.h"
#include "chat/SlowAnswer.h"
#include "chat/Turn.h"
#include "chat/TurnContext.h"
#include "line/MessageJson.h"
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

int64_t sendMarginMs(int64_t tokenLifeMs) { return std::min(Turn::SEND_MARGIN_MS, tokenLifeMs / 5); }

bool isBlank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

Phrase cannot(ContentKind kind) {
  switch (kind) {
    case ContentKind::Image:
      return Phrase::CannotImage;
    case ContentKind::Audio:
      return Phrase::CannotAudio;
    case ContentKind::Video:
      return Phrase::CannotVideo;
    case ContentKind::File:
      return Phrase::CannotFile;
    default:
      return Phrase::CannotOther;
  }
}

std::string slash(Command command, Language language) { return "/" + std::string(commandWord(command, language)); }

// Why a command was refused, as the rule of its place says.
Phrase refusal(const Arrival& arrival) {
  const CommandRule& rule = ruleOf(arrival.command.command);
  switch (arrival.place == Place::Direct ? rule.inDirect : rule.inGroup) {
    case CommandUser::Nobody:
      return arrival.place == Place::Direct ? Phrase::OnlyGroup : Phrase::OnlyDirect;
    case CommandUser::Member:
      return Phrase::OnlyMember;
    case CommandUser::Owner:
      return Phrase::OnlyOwner;
    case CommandUser::Anyone:
    case CommandUser::Talker:
    case CommandUser::Guest:
      break;
  }
  return Phrase::OnlyPaired;
}

}  // namespace

TurnRunner::TurnRunner(store::Tables& tables, const CurrentSettings& settings, RunningCalls& calls, StopSignal& stop,
                       OwnerDesk& desk, const Clock& clock, Hooks hooks)
    : _tables(tables),
      _settings(settings),
      _calls(calls),
      _stop(stop),
      _desk(desk),
      _clock(clock),
      _door(tables, desk, clock, hooks.clockView),
      _quota(tables.meters, desk, clock),
      _changes(tables, hooks.filesChanged),
      _commands(
          tables, _door, _quota, desk, clock,
          [this](int64_t channel, const std::string& conversation) {
            return _calls.takeStopped({channel, conversation});
          },
          hooks.filesChanged),
      _outbox(tables.events, settings, _quota, desk, clock),
      _filesChanged(hooks.filesChanged) {}

std::vector<TurnRunner::PushMonth> TurnRunner::pushMonths() {
  std::vector<PushMonth> all;
  for (const auto& name : _settings.get()->channelNames())
    if (const auto id = _tables.events.findChannel(name))
      all.push_back({name, _quota.known(name), _door.pushedThisMonth(*id)});
  return all;
}

std::shared_ptr<notify::NoticeSink> TurnRunner::ownerPush() {
  return std::make_shared<OwnerPush>(_tables, _settings, _door, _quota, _desk, _clock);
}

LaneStep TurnRunner::handle(const store::LaneEntry& entry, int failures) {
  try {
    return handleOrThrow(entry, failures);
  } catch (const sql::SqlError& e) {
    logger().error("the store failed, event %s waits: %s", std::to_string(entry.inboxId), std::string(e.what()));
    _desk.tell(OwnerCause::Store, "", e.what());
  } catch (const std::exception& e) {
    logger().error("event %s failed and waits: %s", std::to_string(entry.inboxId), std::string(e.what()));
  }
  const int64_t wait = std::min(LONGEST_STORE_BACKOFF_MS, STORE_BACKOFF_MS << std::min(failures, 8));
  return {LaneStep::Kind::RetryAt, _clock.steadyMs() + wait};
}

// "/stop" behind the turn it is about: that turn ends now; the command itself is answered when it comes to it.
void TurnRunner::noticed(const store::LaneEntry& entry) {
  try {
    const auto row = _tables.events.inboxRow(entry.inboxId);
    if (!row || row->state != InboxState::New) return;
    const auto event = line::parseEvent(row->body);
    if (!event || event->isStandby() || !event->message || event->message->text.size() > CommandParse::MAX_ARGUMENT)
      return;
    const Arrival arrival = _door.look(*row, *event, *settingsOf(_settings.get(), row->channel));
    if (arrival.decision.action == AccessAction::RunCommand && arrival.command.command == Command::Stop)
      _calls.cancel({row->channelId, row->conversation});
  } catch (const std::exception& e) {
    logger().warning("event %s was not looked at ahead: %s", std::to_string(entry.inboxId), std::string(e.what()));
  }
}

LaneStep TurnRunner::handleOrThrow(const store::LaneEntry& entry, int failures) {
  const auto row = _tables.events.inboxRow(entry.inboxId);
  if (!row) return {};
  if (row->state == InboxState::Done || row->state == InboxState::Dead) return send(row->id, failures);
  // A button of an earlier attempt goes out, or is given up, before anything else.
  if (_tables.events.openOutboxOf(row->id))
    if (const LaneStep step = send(row->id, failures); step.kind != LaneStep::Kind::Finished) return step;
  const auto event = line::parseEvent(row->body);
  if (!event || line::isVerificationSample(*event) || row->conversation.empty()) {
    _tables.events.finish(row->id, InboxState::Done, "not answered");
    return {};
  }
  const auto settings = settingsOf(_settings.get(), row->channel);
  Arrival arrival = _door.look(*row, *event, *settings);
  _changes.apply(*row, *event, arrival.decision.mayTalk ? arrival.text : "");
  if (event->isStandby()) {
    finish(arrival, "standby");
    return {};
  }
  if (arrival.startsNew && arrival.decision.action == AccessAction::Answer) startNew(arrival);
  return act(arrival, settings, failures);
}

// "/new" with a question. A message that is kept began its session in an attempt before this one.
void TurnRunner::startNew(Arrival& arrival) {
  if (_tables.messages.find(arrival.row.channelId, arrival.event.message->id)) return;
  _tables.messages.clearMissed(arrival.row.channelId, arrival.row.conversation);
  arrival.conversation = _tables.conversations.startNew(arrival.row.channelId, arrival.row.conversation);
}

LaneStep TurnRunner::act(const Arrival& arrival, const Settings& settings, int failures) {
  const Language language = arrival.language;
  const auto notice = [&](Phrase what, std::initializer_list<PhraseValue> values = {}) {
    return sayNotice(arrival, settings, say(what, language, values), failures);
  };
  if (keepMessage(_tables, arrival, *settings)) _filesChanged();
  switch (arrival.decision.action) {
    case AccessAction::Ignore:
    case AccessAction::Record:
      finish(arrival, "not answered");
      return {};
    case AccessAction::Stale:
      logger().warning("event %s is %s s old by LINE's time and is not acted on", std::to_string(arrival.row.id),
                       std::to_string(arrival.ageMs / 1000));
      finish(arrival, "stale");
      return {};
    case AccessAction::OfferPairing: {
      const LaneStep step = notice(_tables.people.owners(arrival.row.channelId).empty() ? Phrase::OfferPairingFirst
                                                                                        : Phrase::OfferPairing);
      if (arrival.person && step.kind == LaneStep::Kind::Finished)
        _tables.people.noteOffered(arrival.row.channelId, arrival.person->id);
      return step;
    }
    case AccessAction::Greet:
      return notice(arrival.place == Place::Direct ? Phrase::Greet : Phrase::GreetGroup,
                    {{"command", slash(Command::Help, language)}});
    case AccessAction::TellAllow:
      return notice(Phrase::TellAllow, {{"command", slash(Command::Allow, language)}});
    case AccessAction::RunCommand:
    case AccessAction::TryPairing:
      return runCommand(arrival, settings, failures);
    case AccessAction::RefuseCommand:
      return notice(refusal(arrival));
    case AccessAction::HintCommand:
      return notice(Phrase::UnknownCommand,
                    {{"word", arrival.command.word}, {"command", slash(Command::Help, language)}});
    case AccessAction::RefusePairing:
      return notice(Phrase::CodeInGroup);
    case AccessAction::TellCodesLocked:
      return notice(Phrase::CodesLocked);
    case AccessAction::RunPostback:
      return tapped(arrival, settings, failures);
    case AccessAction::TellExpired:
      return notice(Phrase::Expired);
    case AccessAction::TellLimited:
    case AccessAction::TellBudget: {
      const bool limited = arrival.decision.action == AccessAction::TellLimited;
      const LaneStep step = notice(limited ? Phrase::Limited : Phrase::BudgetSpent);
      if (step.kind == LaneStep::Kind::Finished) _door.markTold(arrival, *settings);
      return step;
    }
    case AccessAction::Answer:
      break;
  }
  return answer(arrival, settings, failures);
}

// Whether something may be said by this event's token now; else what happens with the event. byButton: a button of an
// attempt before this one stands in the chat and brings what is said, whatever became of the token.
bool TurnRunner::mayBegin(const Arrival& arrival, const Settings& settings, LaneStep& instead, int failures,
                          bool byButton) {
  const TokenLife life = tokenLife(arrival.row.receipt, _clock, settings->tokenLifeMs);
  const bool givenUp = arrival.row.attempts >= MAX_ATTEMPTS;
  if (givenUp)
    logger().error("event %s is given up: the bridge ended during each of %s attempts", std::to_string(arrival.row.id),
                   std::to_string(arrival.row.attempts));
  if (!byButton && (!arrival.row.replyToken || life.expired())) {
    if (givenUp)
      _tables.events.finish(arrival.row.id, InboxState::Dead, "given up");
    else
      finish(arrival, arrival.row.replyToken ? "late" : "not answered");
    instead = {};
    return false;
  }
  if (arrival.channel == nullptr || !arrival.channel->sender) {
    instead = {LaneStep::Kind::Waiting, waitForSettings(life, byButton)};
    return false;
  }
  if (givenUp) instead = giveUp(arrival, failures, byButton);
  return !givenUp;
}

int64_t TurnRunner::waitForSettings(const TokenLife& life, bool withoutToken) const {
  return _clock.steadyMs() + (withoutToken ? SETTINGS_WAIT_MS : std::min(life.remainingMs, SETTINGS_WAIT_MS));
}

LaneStep TurnRunner::giveUp(const Arrival& arrival, int failures, bool byButton) {
  const std::string sorry = say(Phrase::GaveUp, arrival.language);
  std::vector<std::string> questions;
  if (arrival.event.message) questions.push_back(arrival.event.message->id);
  if (byButton) {
    persist([&] {
      _tables.held.fill(_tables.held.open(arrival.row.id, "").id, {sorry}, questions, true);
      _tables.events.finish(arrival.row.id, InboxState::Dead, "apology");
    });
    return {};
  }
  store::OutboxDraft draft;
  draft.target = *arrival.row.replyToken;
  draft.body = line::textMessagesJson({sorry});
  draft.answeredIds = std::move(questions);
  draft.apology = true;
  persist([&] { _tables.events.answer(arrival.row.id, InboxState::Dead, "apology", draft); });
  return send(arrival.row.id, failures);
}

LaneStep TurnRunner::sayNotice(const Arrival& arrival, const Settings& settings, const std::string& text,
                               int failures) {
  LaneStep instead;
  if (!mayBegin(arrival, settings, instead, failures)) return instead;
  store::OutboxDraft draft;
  draft.target = *arrival.row.replyToken;
  std::vector<std::string> pieces = line::splitText(text);
  const OwnerDesk::Line forOwner = ownerLine(_desk, arrival, pieces.size());
  if (!forOwner.text.empty()) pieces.push_back(forOwner.text);
  draft.body = line::textMessagesJson(pieces);
  persist([&] { _tables.events.answer(arrival.row.id, InboxState::Done, "notice", draft); });
  _desk.said(forOwner);
  _door.countWord(arrival, *settings);
  return send(arrival.row.id, failures);
}

LaneStep TurnRunner::runCommand(const Arrival& arrival, const Settings& settings, int failures) {
  LaneStep instead;
  if (!mayBegin(arrival, settings, instead, failures)) return instead;
  _tables.events.beginWork(arrival.row.id);
  const bool pairing = arrival.decision.action == AccessAction::TryPairing;
  Arrival named = arrival;
  if (!pairing && arrival.command.command == Command::WhoAmI) learnNames(_tables, _clock, named);
  const std::string text = pairing ? _commands.pair(arrival) : _commands.run(named, *settings);
  return sayNotice(arrival, settings, text, failures);
}

LaneStep TurnRunner::answer(const Arrival& arrival, const Settings& settings, int failures) {
  // Nothing is fetched yet, so no responder gets pictures or sound.
  const ContentKind kind = contentKindOf(arrival.event.message->type);
  const KindPlan plan = planKind(kind, {.images = false, .audio = false, .textFiles = false}, false, arrival.place);
  if (plan == KindPlan::Silence || (kind == ContentKind::Text && isBlank(arrival.text))) {
    finish(arrival, "not answered");
    return {};
  }
  if (plan == KindPlan::SayCannot) return sayNotice(arrival, settings, say(cannot(kind), arrival.language), failures);
  const TokenLife life = tokenLife(arrival.row.receipt, _clock, settings->tokenLifeMs);
  const bool byButton = _tables.held.ofEvent(arrival.row.id).has_value();
  bool pushLate = false;
  // What ended the bridge three times is given up, not brought up by the next message.
  if (!byButton && arrival.row.replyToken && life.remainingMs <= sendMarginMs(settings->tokenLifeMs) &&
      arrival.row.attempts < MAX_ATTEMPTS) {
    const LatePlan when = latePlan(arrival, settings);
    pushLate = when == LatePlan::AnswerAndPush;
    if (!pushLate) return late(arrival, when);
  }
  LaneStep instead;
  if (!pushLate && !mayBegin(arrival, settings, instead, failures, byButton)) return instead;
  if (settings->responders.empty()) return {LaneStep::Kind::Waiting, waitForSettings(life, byButton || pushLate)};
  const ResponderChoice* responder = responderOf(arrival, *settings);
  if (responder == nullptr) {
    if (arrival.project && !arrival.project->responder.empty())
      logger().warning(
          "event %s is not answered: its group's project %s wants the responder %s, which is not there or "
          "not for this sender",
          std::to_string(arrival.row.id), logEscape(arrival.project->name, 64),
          logEscape(arrival.project->responder, 64));
    if (arrival.place == Place::Direct)
      return sayNotice(arrival, settings, say(Phrase::OnlyMember, arrival.language), failures);
    finish(arrival, "not answered");
    return {};
  }
  if (_calls.cancelled()) return {LaneStep::Kind::RetryAt, _clock.steadyMs()};
  Turn turn({_tables, _calls, _clock, _door, _quota, _desk, _recent, _delivering,
             [this](const auto& write) { persist(write); },
             [this](int64_t inboxId, int tries) { return send(inboxId, tries); }},
            settings, *responder, arrival, pushLate);
  return turn.run(failures);
}

LatePlan TurnRunner::latePlan(const Arrival& arrival, const Settings& settings) {
  LateFacts facts;
  facts.place = arrival.place;
  // A turn that was under way when the bridge ended is slow rather than late.
  const bool slow = arrival.row.attempts > 0 && settings->reply.slow == SlowPolicy::Push;
  facts.late = slow ? LatePolicy::Push : settings->reply.late;
  facts.lateMaxMs = settings->reply.lateMaxMs;
  facts.ageMs = arrival.ageMs;
  if (facts.late == LatePolicy::Push && arrival.channel != nullptr && arrival.channel->sender)
    facts.push = _door.pushRoom(arrival, *settings, _quota.room(*arrival.channel));
  else
    facts.push.cost = 0;
  return planLate(facts);
}

LaneStep TurnRunner::late(const Arrival& arrival, LatePlan plan) {
  const bool waits = plan != LatePlan::RecordOnly;
  if (waits) _tables.messages.markMissed(arrival.row.channelId, arrival.row.conversation, arrival.event.message->id);
  logger().information("event %s came to its turn too late to be answered by its reply token%s",
                       std::to_string(arrival.row.id), std::string(waits ? "; the next message brings it up" : ""));
  finish(arrival, "late");
  return {};
}

// Beside the conversation's lane, perhaps while the very question is being answered (ADR 021).
LaneStep TurnRunner::tapped(const Arrival& arrival, const Settings& settings, int failures) {
  LaneStep instead;
  if (!mayBegin(arrival, settings, instead, failures)) return instead;
  std::unique_lock delivering(_delivering);
  const TapAnswer answer = answerTap(_tables, arrival);
  if (answer.plan == TapPlan::Refuse) {
    finish(arrival, "not answered");
    return {};
  }
  const char* outcome = answer.plan == TapPlan::Deliver ? "delivered" : "notice";
  persist([&] { _tables.events.answer(arrival.row.id, InboxState::Done, outcome, answer.draft); });
  delivering.unlock();
  const LaneStep step = send(arrival.row.id, failures);
  const bool animates = answer.plan == TapPlan::ShowAgain && arrival.place == Place::Direct && settings->reply.loading;
  if (animates && step.kind == LaneStep::Kind::Finished && arrival.channel->api)
    arrival.channel->api->startLoading(arrival.person->lineUserId, Turn::LOADING_SECONDS);
  return step;
}

void TurnRunner::finish(const Arrival& arrival, const char* outcome) {
  _tables.events.finish(arrival.row.id, InboxState::Done, outcome);
}

LaneStep TurnRunner::send(int64_t inboxId, int failures) {
  const auto row = _tables.events.openOutboxOf(inboxId);
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
