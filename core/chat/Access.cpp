#include "chat/Access.h"

#include <algorithm>

namespace tsunagi::chat {
namespace {

using Action = AccessAction;
using store::Role;
using store::UserState;

// The sender, seen from the place he writes in.
struct Sender {
  explicit Sender(const AccessInput& input)
      : blocked(input.hasUserId && input.state == UserState::Blocked),
        paired(input.hasUserId && input.state == UserState::Paired),
        owner(paired && input.role == Role::Owner),
        talker(mayTalk(input)) {}

  bool blocked;
  bool paired;
  bool owner;
  bool talker;  // may ask the bot here

 private:
  bool mayTalk(const AccessInput& input) const {
    if (blocked) return false;
    if (input.place == Place::Direct) return paired;
    return input.allowAiResponse && (paired || input.members == store::GroupMembers::Everyone);
  }
};

bool mayUse(CommandUser least, const AccessInput& input, const Sender& sender) {
  switch (least) {
    case CommandUser::Nobody:
      return false;
    case CommandUser::Anyone:
      return true;
    case CommandUser::Talker:
      return sender.talker || sender.owner;
    case CommandUser::Guest:
      return sender.paired;
    case CommandUser::Member:
      return sender.paired && input.role >= Role::Member;
    case CommandUser::Owner:
      break;
  }
  return sender.owner;
}

bool isOld(const AccessInput& input) { return input.clockTrusted && input.ageMs > COMMAND_MAX_AGE_MS; }

Action offer(const AccessInput& input) {
  return input.pairingOffered || input.rate != RateState::Ok ? Action::Ignore : Action::OfferPairing;
}

bool isForBot(const AccessInput& input) {
  return input.place == Place::Direct || (input.isText && (input.addressed || !input.mentionRequired));
}

Action ask(const AccessInput& input, const Sender& sender) {
  if (!sender.talker) return input.place == Place::Direct ? offer(input) : Action::Ignore;
  if (!isForBot(input) || input.paused) return Action::Record;
  if (input.rate == RateState::Ok) return Action::Answer;
  if (input.rateTold) return Action::Record;
  return input.rate == RateState::Limited ? Action::TellLimited : Action::TellBudget;
}

// Before a group is allowed, and for those whom it does not let talk, the bot is deaf in it, but for an owner (who can
// say /allow). Without a user id nobody commands (S1).
bool isDeaf(const AccessInput& input, const Sender& sender) {
  return input.place != Place::Direct && (!input.hasUserId || (!sender.talker && !sender.owner));
}

Action command(const AccessInput& input, const Sender& sender) {
  if (isDeaf(input, sender)) return Action::Ignore;
  if (!sender.paired && input.rate != RateState::Ok) return Action::Ignore;
  const bool direct = input.place == Place::Direct;
  const CommandRule& rule = ruleOf(input.command);
  if (mayUse(direct ? rule.inDirect : rule.inGroup, input, sender))
    return isOld(input) ? Action::TellExpired : Action::RunCommand;
  return direct && !sender.paired ? offer(input) : Action::RefuseCommand;
}

Action code(const AccessInput& input, const Sender& sender) {
  if (input.place != Place::Direct) return isDeaf(input, sender) ? Action::Ignore : Action::RefusePairing;
  if (input.wrongCodesLocked) return input.rate == RateState::Ok ? Action::TellCodesLocked : Action::Ignore;
  return isOld(input) ? Action::TellExpired : Action::TryPairing;
}

Action postback(const AccessInput& input, const Sender& sender) {
  if (!input.hasUserId || !sender.talker) return Action::Ignore;
  return isOld(input) ? Action::TellExpired : Action::RunPostback;
}

Action decideAction(const AccessInput& input, const Sender& sender) {
  if (input.clockTrusted && (input.ageMs > input.maxAgeMs || input.ageMs < -MAX_FUTURE_MS)) return Action::Stale;
  const bool direct = input.place == Place::Direct;
  if (sender.blocked || (direct && !input.hasUserId)) return Action::Ignore;
  switch (input.request) {
    case Request::Message:
      return ask(input, sender);
    case Request::Command:
      return command(input, sender);
    case Request::UnknownCommand:
      if (direct && sender.paired) return Action::HintCommand;
      return direct ? offer(input) : Action::Ignore;
    case Request::PairingCode:
      return code(input, sender);
    case Request::Postback:
      return postback(input, sender);
    case Request::Follow:
      if (!direct) return Action::Ignore;
      return sender.paired ? Action::Greet : offer(input);
    case Request::Join:
      if (direct) return Action::Ignore;
      return input.allowAiResponse ? Action::Greet : Action::TellAllow;
    case Request::Other:
      break;
  }
  return Action::Ignore;
}

std::optional<Role> maximumRole(const AccessInput& input, Action action) {
  if (action != Action::Answer && action != Action::RunPostback && action != Action::RunCommand) return std::nullopt;
  const bool open =
      input.place != Place::Direct && input.allowAiResponse && input.members == store::GroupMembers::Everyone;
  if (open) return Role::Member;
  if (!input.hasUserId || input.state != UserState::Paired) return std::nullopt;
  return input.place != Place::Direct && input.othersWrote ? std::min(input.role, Role::Member) : input.role;
}

Keep keepOf(const AccessInput& input, const Sender& sender, Action action) {
  if (action == Action::Stale || !sender.talker || input.request != Request::Message) return Keep::Nothing;
  if (input.place == Place::Direct || input.record == store::RecordRule::All) return Keep::Text;
  if (input.record == store::RecordRule::None) return Keep::Nothing;
  return isForBot(input) ? Keep::Text : Keep::Ids;
}

}  // namespace

AccessDecision decideAccess(const AccessInput& input) {
  const Sender sender(input);
  AccessDecision decision;
  decision.action = decideAction(input, sender);
  decision.maximumRole = maximumRole(input, decision.action);
  decision.keep = keepOf(input, sender, decision.action);
  decision.fetchContent = decision.keep == Keep::Text;
  const bool acts = decision.action != Action::Stale && decision.action != Action::Ignore;
  const bool talks = decision.keep == Keep::Text || decision.action == Action::Answer;
  decision.askProfile = acts && input.hasUserId && (sender.paired || talks);
  decision.mayTalk = sender.talker;
  return decision;
}

std::string_view name(Place place) {
  switch (place) {
    case Place::Direct:
      return "1:1";
    case Place::Group:
      return "group";
    case Place::Room:
      break;
  }
  return "room";
}

std::string_view name(Request request) {
  switch (request) {
    case Request::Message:
      return "message";
    case Request::Command:
      return "command";
    case Request::UnknownCommand:
      return "unknown command";
    case Request::PairingCode:
      return "code";
    case Request::Postback:
      return "button";
    case Request::Follow:
      return "follow";
    case Request::Join:
      return "join";
    case Request::Other:
      break;
  }
  return "other";
}

std::string_view name(AccessAction action) {
  switch (action) {
    case Action::Ignore:
      return "ignore";
    case Action::Stale:
      return "stale";
    case Action::Record:
      return "record";
    case Action::OfferPairing:
      return "offer pairing";
    case Action::Greet:
      return "greet";
    case Action::TellAllow:
      return "tell who allows";
    case Action::RunCommand:
      return "run";
    case Action::RefuseCommand:
      return "refuse";
    case Action::HintCommand:
      return "hint";
    case Action::TryPairing:
      return "try code";
    case Action::RefusePairing:
      return "codes in 1:1 only";
    case Action::TellCodesLocked:
      return "codes locked";
    case Action::RunPostback:
      return "run button";
    case Action::TellExpired:
      return "expired";
    case Action::Answer:
      return "answer";
    case Action::TellLimited:
      return "limit";
    case Action::TellBudget:
      break;
  }
  return "budget";
}

std::string_view name(Keep keep) {
  switch (keep) {
    case Keep::Nothing:
      return "nothing";
    case Keep::Ids:
      return "ids";
    case Keep::Text:
      break;
  }
  return "text";
}

}  // namespace tsunagi::chat
