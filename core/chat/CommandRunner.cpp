#include "chat/CommandRunner.h"

#include <algorithm>
#include <utility>

#include "base/LogEscape.h"
#include "chat/PairingCode.h"
#include "chat/Phrases.h"
#include "chat/PromptText.h"

namespace tsunagi::chat {
namespace {

constexpr size_t MODELS_SHOWN = 20;

std::string slash(Command command, Language language) { return "/" + std::string(commandWord(command, language)); }

Phrase rolePhrase(store::Role role) {
  switch (role) {
    case store::Role::Guest:
      return Phrase::RoleGuest;
    case store::Role::Member:
      return Phrase::RoleMember;
    case store::Role::Owner:
      break;
  }
  return Phrase::RoleOwner;
}

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : "\n") + one;
  return text;
}

bool same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
           return lower(x) == lower(y);
         });
}

}  // namespace

CommandRunner::CommandRunner(store::Tables& tables, Doorkeeper& door, LineQuota& quota, OwnerDesk& desk,
                             const Clock& clock, StopTurn stop, std::function<void()> filesChanged)
    : _tables(tables),
      _door(door),
      _quota(quota),
      _desk(desk),
      _clock(clock),
      _stop(std::move(stop)),
      _filesChanged(std::move(filesChanged)) {}

void CommandRunner::note(const Arrival& arrival, const char* action, const std::string& detail) {
  const std::string actor = arrival.person ? "line:" + arrival.person->lineUserId : "line:unknown";
  _tables.people.audit(
      actor, action,
      arrival.row.channel + " " + arrival.row.conversation + (detail.empty() ? "" : " " + logEscape(detail, 100)));
}

std::string CommandRunner::run(const Arrival& arrival, const ChatSettings& settings) {
  const Language language = arrival.language;
  switch (arrival.command.command) {
    case Command::Help:
      return help(arrival);
    case Command::New:
      _tables.messages.clearMissed(arrival.row.channelId, arrival.row.conversation);
      _tables.conversations.startNew(arrival.row.channelId, arrival.row.conversation);
      return say(Phrase::NewDone, language);
    case Command::Stop:
      return say(_stop(arrival.row.channelId, arrival.row.conversation) ? Phrase::StopDone : Phrase::StopNothing,
                 language);
    case Command::WhoAmI:
      return whoAmI(arrival);
    case Command::Pair:
      return pair(arrival);
    case Command::Unpair:
      return unpair(arrival);
    case Command::Forget:
      return forget(arrival);
    case Command::Status:
      return status(arrival, settings);
    case Command::Quota:
      return quota(arrival, settings);
    case Command::Model:
      return model(arrival, settings);
    case Command::Pause:
      return pause(arrival);
    case Command::Resume:
      return resume(arrival);
    case Command::Allow:
      return allow(arrival, settings);
    case Command::Deny:
      return deny(arrival);
    case Command::Project:
      break;
  }
  return project(arrival);
}

// A line for each command that the sender may use here.
std::string CommandRunner::help(const Arrival& arrival) const {
  std::vector<std::string> all{say(Phrase::HelpHead, arrival.language)};
  const bool paired = arrival.person && arrival.person->state == store::UserState::Paired;
  for (const CommandRule& rule : commandRules()) {
    const CommandUser least = arrival.place == Place::Direct ? rule.inDirect : rule.inGroup;
    const bool open = least == CommandUser::Anyone || least == CommandUser::Talker;
    const auto role = least == CommandUser::Guest    ? store::Role::Guest
                      : least == CommandUser::Member ? store::Role::Member
                                                     : store::Role::Owner;
    if (least == CommandUser::Nobody || (!open && (!paired || arrival.person->role < role))) continue;
    const auto what = static_cast<Phrase>(static_cast<size_t>(Phrase::HelpHelp) + static_cast<size_t>(rule.command));
    all.push_back(slash(rule.command, arrival.language) +
                  (rule.argument.empty() ? "" : " " + std::string(rule.argument)) + "  " + say(what, arrival.language));
  }
  return lines(all);
}

std::string CommandRunner::whoAmI(const Arrival& arrival) const {
  if (!arrival.person || arrival.person->state != store::UserState::Paired)
    return say(Phrase::WhoAmIUnknown, arrival.language);
  const std::string name =
      arrival.person->displayName.empty() ? arrival.person->lineUserId : cleanName(arrival.person->displayName);
  return say(Phrase::WhoAmI, arrival.language,
             {{"name", name}, {"role", phrase(rolePhrase(arrival.person->role), arrival.language)}});
}

std::string CommandRunner::pair(const Arrival& arrival) {
  const Language language = arrival.language;
  const std::string usage = say(Phrase::CodeUsage, language, {{"command", slash(Command::Pair, language)}});
  if (!arrival.person || arrival.code.empty()) return usage;
  const auto code = readPairingCode(arrival.code);
  store::PairingOutcome outcome;
  if (code)
    outcome = _tables.people.pair(arrival.row.channelId, arrival.person->id,
                                  pairingCodeHash(_tables.people.installKey(), arrival.row.channel, *code));
  if (outcome.kind == store::PairingOutcome::Kind::Paired) {
    // A code for less than the person is already changes nothing.
    const store::Role role = _tables.people.person(arrival.row.channelId, arrival.person->lineUserId).role;
    note(arrival, "paired", std::string(store::name(role)));
    return say(Phrase::Paired, language, {{"role", phrase(rolePhrase(role), language)}});
  }
  if (_door.countWrongCode(arrival)) {
    _tables.people.cancelPairingCodes(arrival.row.channel);
    note(arrival, "pairing codes cancelled");
    _desk.tell(OwnerCause::PairingCodes, arrival.row.channel);
  }
  return say(Phrase::CodeWrong, language);
}

std::string CommandRunner::unpair(const Arrival& arrival) {
  if (arrival.person->role == store::Role::Owner && _tables.people.owners(arrival.row.channelId).size() <= 1)
    return say(Phrase::UnpairLastOwner, arrival.language);
  _tables.people.setAccess(arrival.row.channelId, arrival.person->id, store::UserState::Unknown, store::Role::Guest);
  note(arrival, "unpaired");
  return say(Phrase::UnpairDone, arrival.language);
}

std::string CommandRunner::forget(const Arrival& arrival) {
  const bool direct = arrival.place == Place::Direct;
  _tables.messages.forget(arrival.row.channelId, arrival.row.conversation);
  _filesChanged();
  _tables.conversations.startNew(arrival.row.channelId, arrival.row.conversation);
  note(arrival, "forgot");
  return say(direct ? Phrase::ForgetDone : Phrase::ForgetGroupDone, arrival.language);
}

std::string CommandRunner::status(const Arrival& arrival, const ChatSettings& settings) {
  const Language language = arrival.language;
  std::vector<std::string> all;
  const auto role = arrival.person ? arrival.person->role : store::Role::Guest;
  for (const ResponderChoice& choice : settings.responders) {
    if (choice.minimumRole > role) continue;
    all.push_back(
        say(choice.source->ready() ? Phrase::StatusReady : Phrase::StatusDown, language, {{"responder", choice.name}}));
  }
  if (settings.reply.pushes() && _quota.known(arrival.row.channel).usedUp)
    all.push_back(say(Phrase::OwnerQuotaUsedUp, language));
  const auto paused = arrival.conversation.pausedUntilMs;
  if (paused && *paused > _clock.wallMs())
    all.push_back(
        say(Phrase::StatusPaused, language, {{"duration", sayDuration(*paused - _clock.wallMs(), language)}}));
  return all.empty() ? say(Phrase::Busy, language) : lines(all);
}

std::string CommandRunner::quota(const Arrival& arrival, const ChatSettings& settings) {
  std::vector<std::string> all;
  const auto quota = arrival.channel ? _quota.ask(*arrival.channel) : std::nullopt;
  const std::string used = quota ? std::to_string(quota->used) : std::string();
  if (!quota)
    all.push_back(say(Phrase::QuotaUnknown, arrival.language));
  else if (!quota->limit)
    all.push_back(say(Phrase::QuotaFree, arrival.language, {{"used", used}}));
  else
    all.push_back(
        say(Phrase::QuotaLimited, arrival.language, {{"used", used}, {"limit", std::to_string(*quota->limit)}}));
  if (settings.reply.pushes()) {
    const std::string pushed = std::to_string(_door.pushedThisMonth(arrival.row.channelId));
    const int64_t budget = settings.reply.pushBudgetMonth;
    all.push_back(
        budget > 0 ? say(Phrase::QuotaPushed, arrival.language, {{"used", pushed}, {"limit", std::to_string(budget)}})
                   : say(Phrase::QuotaPushedFree, arrival.language, {{"used", pushed}}));
  }
  if (const uint64_t waiting = _tables.held.countWaiting(arrival.row.channelId); waiting > 0)
    all.push_back(say(Phrase::QuotaWaiting, arrival.language, {{"count", std::to_string(waiting)}}));
  return lines(all);
}

std::string CommandRunner::model(const Arrival& arrival, const ChatSettings& settings) {
  const Language language = arrival.language;
  const ResponderChoice* choice = responderOf(arrival, settings);
  const std::vector<std::string> models = choice ? choice->source->models() : std::vector<std::string>();
  if (models.empty()) return say(Phrase::ModelNone, language);
  const std::string& wanted = arrival.command.argument;
  if (wanted.empty()) {
    std::vector<std::string> all{models.begin(),
                                 models.begin() + static_cast<std::ptrdiff_t>(std::min(models.size(), MODELS_SHOWN))};
    const std::string& now = modelOf(arrival);
    std::vector<std::string> text;
    if (!now.empty()) text.push_back(say(Phrase::ModelNow, language, {{"model", now}}));
    text.push_back(say(Phrase::ModelList, language, {{"models", lines(all)}}));
    return lines(text);
  }
  const auto found = std::find_if(models.begin(), models.end(), [&](const auto& id) { return same(id, wanted); });
  if (found == models.end()) return say(Phrase::ModelNotFound, language, {{"model", wanted}});
  _tables.conversations.setModel(arrival.row.channelId, arrival.row.conversation, *found);
  return say(Phrase::ModelSet, language, {{"model", *found}});
}

std::string CommandRunner::pause(const Arrival& arrival) {
  const Language language = arrival.language;
  int64_t length = DEFAULT_PAUSE_MS;
  if (!arrival.command.argument.empty()) {
    const auto typed = parseDuration(arrival.command.argument);
    if (!typed) return say(Phrase::PauseUsage, language, {{"command", slash(Command::Pause, language)}});
    length = *typed;
  }
  _tables.conversations.pause(arrival.row.channelId, arrival.row.conversation, _clock.wallMs() + length);
  note(arrival, "paused");
  return say(Phrase::PauseDone, language, {{"duration", sayDuration(length, language)}});
}

std::string CommandRunner::resume(const Arrival& arrival) {
  const auto paused = arrival.conversation.pausedUntilMs;
  if (!paused || *paused <= _clock.wallMs()) return say(Phrase::ResumeNothing, arrival.language);
  _tables.conversations.pause(arrival.row.channelId, arrival.row.conversation, std::nullopt);
  note(arrival, "resumed");
  return say(Phrase::ResumeDone, arrival.language);
}

std::string CommandRunner::allow(const Arrival& arrival, const ChatSettings& settings) {
  const Language language = arrival.language;
  if (!arrival.group) return say(Phrase::OnlyGroup, language);
  const bool allowed = arrival.group->allowAiResponse;
  auto members = std::optional(arrival.group->members);
  if (!arrival.command.argument.empty()) members = parseGroupMembers(arrival.command.argument);
  if (!members) return say(Phrase::AllowUsage, language, {{"command", slash(Command::Allow, language)}});
  if (allowed && *members == arrival.group->members) return say(Phrase::AllowAlready, language);
  _tables.people.setGroupMembers(arrival.group->id, *members);
  if (!allowed) _tables.people.allow(arrival.group->id, true, settings.access.record);
  note(arrival, "allowed", std::string(store::name(*members)));
  if (*members == store::GroupMembers::Paired) return say(Phrase::AllowPaired, language);
  return say(allowed ? Phrase::AllowEveryone : Phrase::AllowDone, language);
}

std::string CommandRunner::deny(const Arrival& arrival) {
  const Language language = arrival.language;
  if (!arrival.group) return say(Phrase::OnlyGroup, language);
  if (!arrival.group->allowAiResponse) return say(Phrase::DenyAlready, language);
  _tables.people.allow(arrival.group->id, false, store::RecordRule::None);
  note(arrival, "denied");
  return say(Phrase::DenyDone, language);
}

std::string CommandRunner::project(const Arrival& arrival) {
  const Language language = arrival.language;
  if (!arrival.group) return say(Phrase::OnlyGroup, language);
  const std::string& wanted = arrival.command.argument;
  if (wanted.empty()) {
    const auto now = arrival.group->projectId ? _tables.people.project(*arrival.group->projectId) : std::nullopt;
    return now ? say(Phrase::ProjectNow, language, {{"project", now->name}}) : say(Phrase::ProjectNone, language);
  }
  for (const auto& project : _tables.people.projects()) {
    if (!same(project.name, wanted)) continue;
    _tables.people.setProject(arrival.group->id, project.id);
    note(arrival, "project", project.name);
    return say(Phrase::ProjectSet, language, {{"project", project.name}});
  }
  if (!meansNone(wanted)) return say(Phrase::ProjectNotFound, language, {{"project", wanted}});
  _tables.people.setProject(arrival.group->id, std::nullopt);
  note(arrival, "project", "none");
  return say(Phrase::ProjectNone, language);
}

}  // namespace tsunagi::chat
