#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::chat {

// The languages in which the bridge itself speaks to LINE users.
enum class Language : uint8_t { Japanese, ChineseTraditional, Thai, English };
constexpr Language LANGUAGES[] = {Language::Japanese, Language::ChineseTraditional, Language::Thai, Language::English};
std::optional<Language> parseLanguage(std::string_view code);  // "ja", "zh-TW", "th", "en"
std::string_view code(Language language);

// What it says. Short, without internals, with what to do next. {names} are places for values.
enum class Phrase : uint8_t {
  // A turn without an answer.
  NoAnswer,  // the responder failed
  TooSlow,   // its time was up
  Empty,     // it answered nothing
  GaveUp,    // the message could not be handled after several tries
  CutMark,   // at the end of an answer that is longer than LINE takes
  Busy,      // everything that may answer this sender is busy or down: try again
  // Kinds that cannot be handled (J22).
  CannotImage,
  CannotAudio,
  CannotVideo,
  CannotFile,
  CannotOther,
  FileTooBig,   // {limit}
  StorageFull,  // a file could not be kept
  Heard,        // {text}: before the answer to a voice message
  // Slow and late answers (J20, J9).
  SlowText,      // of the button
  SlowLabel,     // on the button
  StillWorking,  // tapped too early
  AnswerGone,    // tapped after the answer was cleared
  ContinueText,
  ContinueLabel,
  LateNotice,  // before an answer that is also to messages that waited, {count}
  KeptAnswer,  // before an answer that waited for a token
  // Access (J6, S13, S14, S22).
  OfferPairing,
  OfferPairingFirst,  // there is no owner yet
  Greet,              // a paired person's new or renewed friendship
  GreetGroup,         // came into an allowed group
  TellAllow,          // came into a group that nobody allowed, {command}
  Limited,
  BudgetSpent,
  Paired,  // {role}
  CodeWrong,
  CodesLocked,
  CodeInGroup,
  CodesCancelled,  // to the owner
  CodeUsage,       // {command}
  Expired,         // a command or button from more than ten minutes ago
  OnlyPaired,
  OnlyMember,
  OnlyOwner,
  OnlyDirect,
  OnlyGroup,
  UnknownCommand,  // {word} {command}
  // Answers to commands.
  HelpHead,
  HelpHelp,  // one line for each command, in the order of Command
  HelpNew,
  HelpStop,
  HelpWhoAmI,
  HelpPair,
  HelpUnpair,
  HelpForget,
  HelpStatus,
  HelpQuota,
  HelpModel,
  HelpPause,
  HelpResume,
  HelpAllow,
  HelpDeny,
  HelpProject,
  NewDone,
  StopDone,
  StopNothing,
  WhoAmI,         // {name} {role}
  WhoAmIUnknown,  // not paired
  RoleGuest,
  RoleMember,
  RoleOwner,
  UnpairDone,
  UnpairLastOwner,
  ForgetDone,
  ForgetGroupDone,
  StatusReady,   // {responder}
  StatusDown,    // {responder}
  StatusPaused,  // {duration}
  QuotaLimited,  // {used} {limit}
  QuotaFree,     // {used}: no limit
  QuotaUnknown,
  QuotaPushed,      // {used} {limit}: by the bridge itself
  QuotaPushedFree,  // {used}: no limit
  QuotaWaiting,     // {count}: answers without a token
  ModelNow,         // {model}
  ModelList,        // {models}
  ModelSet,         // {model}
  ModelNotFound,    // {model}
  ModelNone,        // the responder has nothing to choose from
  PauseDone,        // {duration}
  PauseUsage,       // {command}
  ResumeDone,
  ResumeNothing,
  AllowDone,
  AllowPaired,    // from now on only who is paired
  AllowEveryone,  // from now on everyone again
  AllowAlready,
  AllowUsage,  // {command}
  DenyDone,
  DenyAlready,
  ProjectNow,  // {project}
  ProjectNone,
  ProjectSet,       // {project}
  ProjectNotFound,  // {project}
  // To the owner (J11).
  OwnerToken,
  OwnerSecret,
  OwnerQuotaUsedUp,
  OwnerQuotaLow,
  OwnerBudgetPerson,
  OwnerBudgetAll,
  OwnerLinkRefused,
  OwnerLinkReplaced,
  OwnerStore,
  OwnerResponder,  // {responder}
  OwnerUnknown,
  // Parts.
  Minutes,     // {count}
  Hours,       // {count}
  Days,        // {count}
  OwnerNotice  // {text}: a line in the owner's next reply (J11)
};
constexpr size_t PHRASE_COUNT = static_cast<size_t>(Phrase::OwnerNotice) + 1;

// The sentence with its places unfilled.
std::string_view phrase(Phrase what, Language language);

struct PhraseValue {
  std::string_view name;
  std::string_view text;
};
// Puts each value where {name} stands. Inserted text is not looked at again; a place without a value, and braces around
// anything else, stay as they are. Linear.
std::string fillIn(std::string_view text, std::initializer_list<PhraseValue> values);
std::string fillIn(std::string_view text, const std::vector<PhraseValue>& values);
std::string say(Phrase what, Language language, std::initializer_list<PhraseValue> values = {});

// Where a phrase goes, which is how long LINE lets it be.
enum class PhraseUse : uint8_t {
  Message,     // part of a text message: at most 300 UTF-16 units here
  ButtonText,  // of a buttons template without picture or title: 160 signs; also its altText
  Label        // 20 signs
};
PhraseUse useOf(Phrase what);

// A length of time in words: whole days, hours or minutes, rounded up; at least one minute.
std::string sayDuration(int64_t ms, Language language);

}  // namespace tsunagi::chat
