#include "chat/Doorkeeper.h"

#include <algorithm>
#include <utility>

#include "chat/PairingCode.h"
#include "chat/TypedText.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t OFFER_EVERY_MS = 24 * 3'600'000LL;

bool limits(const UsageLimits& limits) {
  return limits.rate.events > 0 || limits.budget.calls > 0 || limits.budget.tokens > 0 || limits.budget.backendMs > 0 ||
         limits.budget.pushes > 0 || limits.budget.downloadBytes > 0;
}

RateState stateOf(RateVerdict::Kind kind) {
  switch (kind) {
    case RateVerdict::Kind::Ok:
      return RateState::Ok;
    case RateVerdict::Kind::Limited:
      return RateState::Limited;
    case RateVerdict::Kind::BudgetSpent:
      break;
  }
  return RateState::BudgetSpent;
}

Place placeOf(const line::EventSource& source) {
  if (source.kind == line::EventSource::Kind::Group) return Place::Group;
  return source.kind == line::EventSource::Kind::Room ? Place::Room : Place::Direct;
}

std::string wrongCodesName(const Arrival& arrival) {
  return "codes:" + std::to_string(arrival.row.channelId) + ":" + std::to_string(arrival.person->id);
}

std::string pushesName(int64_t channelId) {
  return std::string(store::Meters::MONTH) + "pushes:" + std::to_string(channelId);
}

std::string wrongCodesInAllName(const Arrival& arrival) { return "codes:" + std::to_string(arrival.row.channelId); }

}  // namespace

Doorkeeper::Doorkeeper(store::Tables& tables, OwnerDesk& desk, const Clock& clock, std::function<ClockView()> clockView)
    : _tables(tables), _desk(desk), _clock(clock), _clockView(std::move(clockView)) {}

int64_t Doorkeeper::day(const ChatSettings& settings) const {
  return dayOf(_clock.wallMs(), settings.timeZone.offsetMinutes(_clock.wallMs()));
}

Arrival Doorkeeper::look(const store::InboxRow& row, const line::Event& event, const ChatSettings& settings) {
  Arrival arrival;
  arrival.row = row;
  arrival.event = event;
  arrival.channel = settings.channel(row.channel);
  identify(arrival, settings);
  understand(arrival, settings);

  AccessInput input;
  input.place = arrival.place;
  input.hasUserId = arrival.person.has_value();
  if (arrival.person) {
    input.state = arrival.person->state;
    input.role = arrival.person->role;
    if (arrival.person->accountDisabled) input.state = store::UserState::Blocked;
    // [access] users = everyone: the same as being paired as a guest.
    if (arrival.place == Place::Direct && settings.access.everyone && input.state == store::UserState::Unknown) {
      input.state = store::UserState::Paired;
      input.role = store::Role::Guest;
    }
    input.pairingOffered = arrival.person->offeredAt && _clock.wallMs() - *arrival.person->offeredAt < OFFER_EVERY_MS;
  }
  if (arrival.group) {
    input.allowAiResponse = arrival.group->allowAiResponse;
    input.members = arrival.group->members;
    input.record = arrival.group->record;
  }
  input.mentionRequired = settings.access.mentionRequired;
  input.addressed = arrival.addressing.addressed() || arrival.startsNew;
  input.request = arrival.request;
  input.command = arrival.command.command;
  input.isText = event.message && line::kindOf(*event.message) == line::MessageKind::Text;
  input.paused = arrival.conversation.pausedUntilMs && *arrival.conversation.pausedUntilMs > _clock.wallMs();
  const ClockView clock = _clockView();
  arrival.ageMs = event.timestampMs > 0 ? _clock.wallMs() - clock.skewMs - event.timestampMs : 0;
  input.ageMs = arrival.ageMs;
  input.clockTrusted = clock.trusted && event.timestampMs > 0;
  input.maxAgeMs = settings.access.maxEventAgeMs;
  if (arrival.request == Request::PairingCode && arrival.person) input.wrongCodesLocked = codesLocked(arrival);
  const bool owner = input.state == store::UserState::Paired && input.role == store::Role::Owner;
  if (arrival.group && owner)
    input.othersWrote = _tables.messages.othersWrote(row.channelId, row.conversation,
                                                     arrival.startsNew ? 0 : arrival.conversation.session,
                                                     event.message ? event.message->quotedMessageId : std::string());
  if (arrival.request != Request::Other) {
    auto kept = meters(arrival, settings);
    std::vector<UsageKey> keys;
    for (auto& meter : kept) keys.push_back({&meter.usage, meter.limits});
    const RateVerdict verdict = judgeRate(keys, _clock.wallMs(), day(settings));
    input.rate = stateOf(verdict.kind);
    input.rateTold = verdict.told;
  }
  arrival.decision = decideAccess(input);
  return arrival;
}

void Doorkeeper::identify(Arrival& arrival, const ChatSettings& settings) {
  const line::EventSource& source = arrival.event.source;
  arrival.place = placeOf(source);
  arrival.language = settings.language;
  if (line::isLineId(source.userId, "U")) arrival.person = _tables.people.person(arrival.row.channelId, source.userId);
  if (arrival.place != Place::Direct) {
    const bool inRoom = arrival.place == Place::Room;
    arrival.group = _tables.people.group(arrival.row.channelId, inRoom ? source.roomId : source.groupId, inRoom);
    if (const auto language = parseLanguage(arrival.group->language)) arrival.language = *language;
    if (arrival.group->projectId) arrival.project = _tables.people.project(*arrival.group->projectId);
  }
  arrival.conversation = _tables.conversations.state(arrival.row.channelId, arrival.row.conversation);
}

void Doorkeeper::understand(Arrival& arrival, const ChatSettings& settings) {
  const line::Event& event = arrival.event;
  switch (line::kindOf(event)) {
    case line::EventKind::Postback:
      arrival.request = Request::Postback;
      return;
    case line::EventKind::Follow:
      arrival.request = Request::Follow;
      return;
    case line::EventKind::Join:
      arrival.request = Request::Join;
      return;
    case line::EventKind::MessageEdited:
      if (event.message) readText(arrival, settings);
      return;
    case line::EventKind::Message:
      break;
    default:
      return;
  }
  if (!event.message) return;
  arrival.request = Request::Message;
  readText(arrival, settings);
  if (arrival.command.kind == CommandParse::Kind::Unknown) arrival.request = Request::UnknownCommand;
  if (arrival.command.kind == CommandParse::Kind::Known && !(arrival.startsNew && arrival.person)) {
    const bool pairing = arrival.command.command == Command::Pair;
    arrival.request = pairing ? Request::PairingCode : Request::Command;
    if (pairing) arrival.code = arrival.command.argument;
  }
  // Where strangers are answered, eight letters and digits are a message; then only /pair takes a code.
  const bool stranger =
      arrival.person && arrival.person->state == store::UserState::Unknown && !settings.access.everyone;
  const bool isText = line::kindOf(*event.message) == line::MessageKind::Text;
  if (isText && arrival.command.kind == CommandParse::Kind::None && arrival.place == Place::Direct && stranger &&
      readPairingCode(arrival.text)) {
    arrival.request = Request::PairingCode;
    arrival.code = arrival.text;
  }
}

void Doorkeeper::readText(Arrival& arrival, const ChatSettings& settings) {
  const line::EventMessage& message = *arrival.event.message;
  arrival.text = message.text;
  if (arrival.place != Place::Direct) {
    BotNames names;
    names.prefixes = settings.access.prefixes;
    if (arrival.channel && arrival.channel->api) {
      if (const auto bot = arrival.channel->api->bot()) {
        names.userId = bot->userId;
        names.displayName = bot->displayName;
      }
    }
    const std::string& quoted = message.quotedMessageId;
    const bool quotesBot = !quoted.empty() && _tables.messages.isFromBot(arrival.row.channelId, quoted);
    arrival.addressing = mentionGate(message, names, quotesBot);
    arrival.text = arrival.addressing.text;
  }
  if (line::kindOf(message) != line::MessageKind::Text) return;
  arrival.command = parseCommand(arrival.text);
  arrival.startsNew = arrival.command.kind == CommandParse::Kind::Known && arrival.command.command == Command::New &&
                      !arrival.command.argument.empty();
  if (arrival.startsNew) arrival.text = trimTyped(std::string_view(arrival.text).substr(arrival.command.behindWord));
}

std::vector<Doorkeeper::Meter> Doorkeeper::meters(const Arrival& arrival, const ChatSettings& settings) {
  const AccessSettings& access = settings.access;
  const std::string channel = std::to_string(arrival.row.channelId);
  // The first one hears of a refusal: in a group all that are in it.
  std::vector<Meter> all;
  if (arrival.group) all.push_back({"group:" + std::to_string(arrival.group->id), {}, {access.perGroup, {}}});
  if (arrival.person)
    all.push_back(
        {"user:" + channel + ":" + std::to_string(arrival.person->id), {}, {access.perUser, access.perUserDay}});
  all.push_back({"channel:" + channel, {}, {{}, access.channelDay}});
  all.push_back({"all", {}, {{}, access.inAllDay}});
  std::vector<Meter> limited;
  for (auto& meter : all) {
    if (!limits(meter.limits)) continue;
    meter.usage = usageFromText(_tables.meters.get(meter.name));
    limited.push_back(std::move(meter));
  }
  return limited;
}

// [with the lock held] What the counters are after the change, as the store keeps them.
std::vector<std::pair<std::string, std::string>> Doorkeeper::changed(
    const Arrival& arrival, const ChatSettings& settings,
    const std::function<void(const std::vector<UsageKey>&)>& change) {
  auto kept = meters(arrival, settings);
  std::vector<UsageKey> keys;
  for (auto& meter : kept) keys.push_back({&meter.usage, meter.limits});
  if (!keys.empty()) change(keys);
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& meter : kept) texts.emplace_back(meter.name, toText(meter.usage));
  return texts;
}

void Doorkeeper::change(const Arrival& arrival, const ChatSettings& settings,
                        const std::function<void(const std::vector<UsageKey>&)>& change) {
  const std::lock_guard lock(_mutex);
  if (const auto texts = changed(arrival, settings, change); !texts.empty()) _tables.meters.set(texts);
}

void Doorkeeper::countTurn(const Arrival& arrival, const ChatSettings& settings) {
  change(arrival, settings, [&](const auto& keys) { chat::countTurn(keys, _clock.wallMs(), day(settings)); });
}

void Doorkeeper::countWord(const Arrival& arrival, const ChatSettings& settings) {
  const bool guest = arrival.place == Place::Direct && settings.access.everyone;
  if (guest || (arrival.person && arrival.person->state == store::UserState::Paired)) return;
  change(arrival, settings, [&](const auto& keys) { chat::countEvent(keys, _clock.wallMs()); });
}

void Doorkeeper::countUse(const Arrival& arrival, const ChatSettings& settings, const DayUse& used) {
  const AccessSettings& access = settings.access;
  const auto counts = [](const DayBudget& day) {
    return day.tokens + day.backendMs + day.pushes + day.downloadBytes > 0;
  };
  if (!counts(access.perUserDay) && !counts(access.channelDay) && !counts(access.inAllDay)) return;
  change(arrival, settings, [&](const auto& keys) { chat::countUse(keys, day(settings), used); });
}

MonthUse Doorkeeper::pushesOf(int64_t channelId) {
  const int64_t month = lineMonth(_clock.wallMs());
  const MonthUse use = monthUseFromText(_tables.meters.get(pushesName(channelId)));
  return use.month == month ? use : MonthUse{month, 0};
}

int64_t Doorkeeper::pushedThisMonth(int64_t channelId) { return pushesOf(channelId).used; }

PushRoom Doorkeeper::alarmRoom(int64_t channelId, const ChatSettings& settings, const LineQuota::Room& quota) {
  PushRoom room;
  room.quotaExhausted = quota.usedUp;
  room.quotaLeft = quota.left;
  room.reserve = settings.reply.pushReserve;
  if (settings.reply.pushBudgetMonth > 0)
    room.budgetLeft = std::max<int64_t>(0, settings.reply.pushBudgetMonth - pushesOf(channelId).used);
  return room;
}

void Doorkeeper::countAlarm(int64_t channelId) {
  const std::lock_guard lock(_mutex);
  MonthUse month = pushesOf(channelId);
  ++month.used;
  _tables.meters.set({{pushesName(channelId), toText(month)}});
}

PushRoom Doorkeeper::pushRoom(const Arrival& arrival, const ChatSettings& settings, const LineQuota::Room& quota) {
  PushRoom room = alarmRoom(arrival.row.channelId, settings, quota);
  room.cost = arrival.place == Place::Direct ? 1 : arrival.group ? arrival.group->memberCount.value_or(0) : 0;
  if (!quota.usedUp && quota.left && *quota.left <= room.reserve) _desk.tell(OwnerCause::QuotaLow, arrival.row.channel);
  auto kept = meters(arrival, settings);
  std::vector<UsageKey> keys;
  for (auto& meter : kept) keys.push_back({&meter.usage, meter.limits});
  room.userDayLeft = leftOf(keys, day(settings), &DayBudget::pushes, &DayUse::pushes);
  return room;
}

int64_t Doorkeeper::takePush(const Arrival& arrival, const ChatSettings& settings, const LineQuota::Room& quota) {
  const std::lock_guard lock(_mutex);
  const PushRoom room = pushRoom(arrival, settings, quota);
  if (!mayPush(room)) return 0;
  DayUse used;
  used.pushes = room.cost;
  MonthUse month = pushesOf(arrival.row.channelId);
  month.used += room.cost;
  auto texts = changed(arrival, settings, [&](const auto& keys) { chat::countUse(keys, day(settings), used); });
  texts.emplace_back(pushesName(arrival.row.channelId), toText(month));
  _tables.meters.set(texts);
  return room.cost;
}

void Doorkeeper::markTold(const Arrival& arrival, const ChatSettings& settings) {
  change(arrival, settings, [&](const auto& keys) {
    const RateVerdict verdict = judgeRate(keys, _clock.wallMs(), day(settings));
    if (verdict.kind != RateVerdict::Kind::Ok) chat::markTold(keys, verdict, _clock.wallMs(), day(settings));
    if (verdict.kind != RateVerdict::Kind::BudgetSpent) return;
    const bool ofAll = limits({{}, settings.access.inAllDay}) && verdict.key + 1 == keys.size();  // the last meter
    _desk.tell(ofAll ? OwnerCause::BudgetAll : OwnerCause::BudgetPerson);
  });
}

bool Doorkeeper::codesLocked(const Arrival& arrival) {
  return wrongCodesLocked(windowFromText(_tables.meters.get(wrongCodesName(arrival))), _clock.wallMs());
}

bool Doorkeeper::countWrongCode(const Arrival& arrival) {
  const std::lock_guard lock(_mutex);
  WindowCounter ofUser = windowFromText(_tables.meters.get(wrongCodesName(arrival)));
  // Of the figures of a window only the first is used: wrong codes in all since the last time they were cancelled.
  WindowCounter all = windowFromText(_tables.meters.get(wrongCodesInAllName(arrival)));
  const bool tooMany = chat::countWrongCode(ofUser, all.current, _clock.wallMs());
  _tables.meters.set({{wrongCodesName(arrival), toText(ofUser)}, {wrongCodesInAllName(arrival), toText(all)}});
  return tooMany;
}

}  // namespace tsunagi::chat
