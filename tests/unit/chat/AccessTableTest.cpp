#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>

#include "chat/Access.h"
#include "tests/support/MarkdownTable.h"

namespace tsunagi::chat {
namespace {

using store::GroupMembers;
using store::RecordRule;
using store::Role;
using store::UserState;

// The words of docs/access.md, as positions in a set of bits.
class Words {
 public:
  explicit Words(std::vector<std::string> words) : _words(std::move(words)) {}
  uint32_t bit(const std::string& word) const {
    const auto found = std::find(_words.begin(), _words.end(), word);
    if (found == _words.end()) throw std::runtime_error("docs/access.md: unknown word '" + word + "'");
    return 1u << (found - _words.begin());
  }
  uint32_t bits(const std::string& cell) const {
    if (cell == "*") return ~0u;
    uint32_t all = 0;
    for (const auto& word : test::listIn(cell)) all |= bit(word);
    return all;
  }

 private:
  std::vector<std::string> _words;
};

const Words EVENTS({"message", "command", "unknown command", "code", "button", "follow", "join", "other"});
const Words PLACES({"1:1", "closed", "everyone", "paired"});
const Words SENDERS({"no id", "blocked", "unknown", "guest", "member", "owner"});
const Words WHENS({"for the bot", "paused", "limited", "spent", "told", "offered", "locked", "old", "too old", "future",
                   "may use", "records none", "records all", "others wrote"});
const Words LEASTS({"nobody", "anyone", "talker", "guest", "member", "owner"});
const Words ACTIONS({"ignore", "stale", "record", "offer pairing", "greet", "tell who allows", "run", "refuse", "hint",
                     "try code", "codes in 1:1 only", "codes locked", "run button", "expired", "answer", "limit",
                     "budget"});
const Words KEEPS({"nothing", "ids", "text"});

// An event in the page's words.
struct Facts {
  uint32_t event, place, sender, when;
};

// One row: sets of words in its first columns, conditions, and what it says.
struct Row {
  std::vector<uint32_t> sets;
  uint32_t with = 0, without = 0;
  std::vector<std::string> says;
  mutable uint64_t used = 0;

  bool fits(const std::vector<uint32_t>& words, uint32_t when) const {
    for (size_t i = 0; i < sets.size(); ++i)
      if ((sets[i] & words[i]) == 0) return false;
    return (when & with) == with && (when & without) == 0;
  }
};

class Table {
 public:
  // columns: the words of the first columns; then, if hasWhen, a column of conditions; the rest is what the row says.
  Table(const std::string& heading, const std::vector<const Words*>& columns, bool hasWhen) : _heading(heading) {
    for (const auto& cells : test::readTable("access.md", heading).rows) {
      Row row;
      size_t at = 0;
      for (const auto* words : columns) row.sets.push_back(words->bits(cells.at(at++)));
      for (const auto& condition : hasWhen ? test::listIn(cells.at(at++)) : std::vector<std::string>{}) {
        const bool negated = condition.rfind("not ", 0) == 0;
        (negated ? row.without : row.with) |= WHENS.bit(negated ? condition.substr(4) : condition);
      }
      row.says.assign(cells.begin() + static_cast<std::ptrdiff_t>(at), cells.end());
      _rows.push_back(std::move(row));
    }
  }
  const Row& find(const std::vector<uint32_t>& words, uint32_t when = 0) const {
    for (const auto& row : _rows) {
      if (!row.fits(words, when)) continue;
      ++row.used;
      return row;
    }
    throw std::runtime_error("docs/access.md, " + _heading + ": no row fits");
  }
  // A row that nothing reaches is a mistake on the page.
  void expectAllUsed() const {
    for (size_t i = 0; i < _rows.size(); ++i) EXPECT_GT(_rows[i].used, 0u) << _heading << ", row " << i + 1;
  }

 private:
  std::string _heading;
  std::vector<Row> _rows;
};

class AccessTable : public testing::Test {
 protected:
  uint32_t placeOf(const AccessInput& input) const {
    if (input.place == Place::Direct) return PLACES.bit("1:1");
    if (!input.allowAiResponse) return PLACES.bit("closed");
    return PLACES.bit(std::string(store::name(input.members)));
  }
  uint32_t senderOf(const AccessInput& input) const {
    if (!input.hasUserId) return SENDERS.bit("no id");
    return SENDERS.bit(
        std::string(input.state == UserState::Paired ? store::name(input.role) : store::name(input.state)));
  }
  bool mayUse(const AccessInput& input, uint32_t place, uint32_t sender) const {
    const CommandRule& rule = ruleOf(input.command);
    static const std::map<CommandUser, std::string> NAMES{
        {CommandUser::Nobody, "nobody"}, {CommandUser::Anyone, "anyone"}, {CommandUser::Talker, "talker"},
        {CommandUser::Guest, "guest"},   {CommandUser::Member, "member"}, {CommandUser::Owner, "owner"}};
    const auto least = input.place == Place::Direct ? rule.inDirect : rule.inGroup;
    const Row& row = _users.find({LEASTS.bit(NAMES.at(least)), place});
    return (SENDERS.bits(row.says.at(0)) & sender) != 0;
  }
  Facts factsOf(const AccessInput& input) const {
    Facts facts{EVENTS.bit(std::string(name(input.request))), placeOf(input), senderOf(input), 0};
    const auto when = [&](const char* word, bool holds) {
      if (holds) facts.when |= WHENS.bit(word);
    };
    constexpr int64_t MINUTE = 60'000;
    when("for the bot", input.place == Place::Direct || (input.isText && (input.addressed || !input.mentionRequired)));
    when("paused", input.paused);
    when("limited", input.rate == RateState::Limited);
    when("spent", input.rate == RateState::BudgetSpent);
    when("told", input.rateTold);
    when("offered", input.pairingOffered);
    when("locked", input.wrongCodesLocked);
    when("old", input.clockTrusted && input.ageMs > 10 * MINUTE);
    when("too old", input.clockTrusted && input.ageMs > 3 * 24 * 60 * MINUTE);
    when("future", input.clockTrusted && input.ageMs < -5 * MINUTE);
    when("may use", input.request == Request::Command && mayUse(input, facts.place, facts.sender));
    when("records none", input.record == RecordRule::None);
    when("records all", input.record == RecordRule::All);
    when("others wrote", input.othersWrote);
    return facts;
  }

  void compare(const AccessInput& input) {
    const Facts facts = factsOf(input);
    const std::vector<uint32_t> who{facts.event, facts.place, facts.sender};
    const AccessDecision decision = decideAccess(input);
    const std::string action = _actions.find(who, facts.when).says.at(0);
    const std::string role = _roles.find({ACTIONS.bit(action), facts.place, facts.sender}, facts.when).says.at(0);
    const Row& keep = _keeps.find(who, facts.when);
    const std::string profile =
        _profiles.find({ACTIONS.bit(action), facts.sender, KEEPS.bit(keep.says.at(0))}).says.at(0);
    const std::string decidedRole =
        decision.maximumRole ? std::string(store::name(*decision.maximumRole)) : std::string("none");
    ++_compared;
    if (name(decision.action) == action && decidedRole == role && name(decision.keep) == keep.says.at(0) &&
        decision.fetchContent == (keep.says.at(1) == "yes") && decision.askProfile == (profile == "yes"))
      return;
    if (++_wrong > 5) return;
    ADD_FAILURE() << "event '" << name(input.request) << "' command '" << ruleOf(input.command).name << "' place '"
                  << name(input.place) << "' id " << input.hasUserId << " state '" << store::name(input.state)
                  << "' role '" << store::name(input.role) << "' allowed " << input.allowAiResponse << " members '"
                  << store::name(input.members) << "' record '" << store::name(input.record) << "' mention required "
                  << input.mentionRequired << " addressed " << input.addressed << " text " << input.isText << " paused "
                  << input.paused << " age " << input.ageMs << " rate " << static_cast<int>(input.rate) << " told "
                  << input.rateTold << " offered " << input.pairingOffered << " locked " << input.wrongCodesLocked
                  << " others wrote " << input.othersWrote << "\n page: " << action << ", " << role << ", "
                  << keep.says.at(0) << ", " << keep.says.at(1) << ", " << profile
                  << "\n code: " << name(decision.action) << ", " << decidedRole << ", " << name(decision.keep) << ", "
                  << decision.fetchContent << ", " << decision.askProfile;
  }

  const Table _actions{"## What happens", {&EVENTS, &PLACES, &SENDERS}, true};
  const Table _users{"## Who may use a command", {&LEASTS, &PLACES}, false};
  const Table _roles{"## Whose responders may be asked", {&ACTIONS, &PLACES, &SENDERS}, true};
  const Table _keeps{"## What is kept", {&EVENTS, &PLACES, &SENDERS}, true};
  const Table _profiles{"## Whose name is asked of LINE", {&ACTIONS, &SENDERS, &KEEPS}, false};
  uint64_t _compared = 0;
  int _wrong = 0;
};

constexpr bool BOTH[] = {false, true};

template <typename Visit>
void eachSender(AccessInput input, Visit visit) {
  for (const Place place : {Place::Direct, Place::Group, Place::Room})
    for (const bool id : BOTH)
      for (const auto state : {UserState::Unknown, UserState::Paired, UserState::Blocked})
        for (const auto role : {Role::Guest, Role::Member, Role::Owner})
          for (const bool allowed : BOTH)
            for (const auto members : {GroupMembers::Everyone, GroupMembers::Paired}) {
              input.place = place, input.hasUserId = id, input.state = state, input.role = role;
              input.allowAiResponse = allowed, input.members = members;
              for (const bool others : BOTH) {
                input.othersWrote = others;
                if (!others || role == Role::Owner) visit(input);
              }
            }
}

// Times around each border, and a clock that is not trusted.
template <typename Visit>
void eachTime(AccessInput input, Visit visit) {
  constexpr int64_t MINUTE = 60'000;
  constexpr int64_t DAY = 24 * 60 * MINUTE;
  for (const int64_t age :
       {int64_t{0}, 10 * MINUTE, 10 * MINUTE + 1, 3 * DAY, 3 * DAY + 1, -5 * MINUTE, -5 * MINUTE - 1}) {
    input.ageMs = age;
    visit(input);
  }
  input.clockTrusted = false;
  for (const int64_t age : {4 * DAY, -DAY}) {
    input.ageMs = age;
    visit(input);
  }
}

template <typename Visit>
void eachRate(AccessInput input, Visit visit) {
  for (const auto rate : {RateState::Ok, RateState::Limited, RateState::BudgetSpent})
    for (const bool told : BOTH)
      for (const bool offered : BOTH) {
        input.rate = rate, input.rateTold = told, input.pairingOffered = offered;
        visit(input);
      }
}

TEST_F(AccessTable, IsWhatTheFunctionDoes) {
  AccessInput base;
  for (const bool paused : BOTH) {
    base.paused = paused;
    // Messages: all that concerns a group.
    base.request = Request::Message;
    for (const auto record : {RecordRule::None, RecordRule::Addressed, RecordRule::All})
      for (const bool required : BOTH)
        for (const bool addressed : BOTH)
          for (const bool text : BOTH) {
            base.record = record, base.mentionRequired = required, base.addressed = addressed, base.isText = text;
            eachSender(base, [&](const AccessInput& sent) {
              eachTime(sent,
                       [&](const AccessInput& timed) { eachRate(timed, [&](const AccessInput& in) { compare(in); }); });
            });
          }
    // All else: every event, every command.
    base = AccessInput();
    base.paused = paused;
    for (const auto request : {Request::UnknownCommand, Request::PairingCode, Request::Postback, Request::Follow,
                               Request::Join, Request::Other, Request::Command}) {
      base.request = request;
      const size_t commands = request == Request::Command ? COMMAND_COUNT : 1;
      for (size_t i = 0; i < commands; ++i)
        for (const bool locked : BOTH) {
          if (locked && request != Request::PairingCode) continue;
          base.command = commandRules()[i].command;
          base.wrongCodesLocked = locked;
          eachSender(base, [&](const AccessInput& sent) {
            eachTime(sent,
                     [&](const AccessInput& timed) { eachRate(timed, [&](const AccessInput& in) { compare(in); }); });
          });
        }
    }
  }
  EXPECT_EQ(_wrong, 0) << "of " << _compared;
  EXPECT_GT(_compared, 1'000'000u);
  _actions.expectAllUsed();
  _users.expectAllUsed();
  _roles.expectAllUsed();
  _keeps.expectAllUsed();
  _profiles.expectAllUsed();
}

// The promises themselves, in words of their own, so that page and function cannot be wrong together unnoticed.
TEST(Access, StrangersReachNoResponder) {
  AccessInput input;
  input.state = UserState::Unknown;
  const auto decision = decideAccess(input);
  EXPECT_EQ(decision.action, AccessAction::OfferPairing);
  EXPECT_FALSE(decision.maximumRole);
  EXPECT_EQ(decision.keep, Keep::Nothing);
  EXPECT_FALSE(decision.fetchContent);
  EXPECT_FALSE(decision.askProfile);
}

TEST(Access, OpenGroupNeverReachesTheOwnersResponders) {
  AccessInput input;
  input.place = Place::Group;
  input.allowAiResponse = true;
  input.addressed = true;
  input.state = UserState::Paired;
  input.role = Role::Owner;
  EXPECT_EQ(decideAccess(input).maximumRole, Role::Member);
  input.members = GroupMembers::Paired;
  EXPECT_EQ(decideAccess(input).maximumRole, Role::Owner);
  input.othersWrote = true;
  EXPECT_EQ(decideAccess(input).maximumRole, Role::Member);
  input.place = Place::Direct;
  EXPECT_EQ(decideAccess(input).maximumRole, Role::Owner) << "alone with the bot";
  input.place = Place::Group;
  input.members = GroupMembers::Everyone;
  input.hasUserId = false;
  EXPECT_EQ(decideAccess(input).action, AccessAction::Answer);
  EXPECT_EQ(decideAccess(input).maximumRole, Role::Member);
  input.request = Request::Command;
  EXPECT_EQ(decideAccess(input).action, AccessAction::Ignore);
}

TEST(Access, ClosedGroupHearsOnlyTheOwnersCommands) {
  AccessInput input;
  input.place = Place::Group;
  input.addressed = true;
  input.state = UserState::Paired;
  input.role = Role::Owner;
  EXPECT_EQ(decideAccess(input).action, AccessAction::Ignore);
  input.request = Request::Command;
  input.command = Command::Allow;
  EXPECT_EQ(decideAccess(input).action, AccessAction::RunCommand);
  input.role = Role::Member;
  EXPECT_EQ(decideAccess(input).action, AccessAction::Ignore);
}

TEST(Access, BystandersAreNotRecorded) {
  AccessInput input;
  input.place = Place::Group;
  input.allowAiResponse = true;
  input.state = UserState::Unknown;
  EXPECT_EQ(decideAccess(input).keep, Keep::Ids);
  EXPECT_FALSE(decideAccess(input).askProfile);
  input.members = GroupMembers::Paired;
  EXPECT_EQ(decideAccess(input).keep, Keep::Nothing);
}

}  // namespace
}  // namespace tsunagi::chat
