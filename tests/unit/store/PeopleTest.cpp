#include "store/People.h"

#include "tests/unit/store/StoreFixture.h"

namespace tsunagi::store {
namespace {

class PeopleTest : public StoreFixture {
 protected:
  People people() { return People(*_file); }
  int64_t otherChannel() { return _store->bindChannel("line.shop", "U2", "mark2", {"line", "line.shop"}).value(); }
};

TEST_F(PeopleTest, APersonBeginsUnknownAndIsKeptPerChannel) {
  People all = people();
  const Person alice = all.person(_channel, "Ualice");
  EXPECT_EQ(alice.state, UserState::Unknown);
  EXPECT_EQ(alice.role, Role::Guest);
  EXPECT_FALSE(alice.isFriend);
  all.setAccess(_channel, alice.id, UserState::Paired, Role::Owner);
  all.setFriend(_channel, alice.id, true);
  all.saveProfile(alice.id, {"Alice", "https://example.com/a.jpg", "hi"});
  const int64_t shop = otherChannel();
  const Person there = all.person(shop, "Ualice");
  EXPECT_EQ(there.id, alice.id) << "one person, whatever the channel";
  EXPECT_EQ(there.displayName, "Alice");
  EXPECT_EQ(there.state, UserState::Unknown) << "what a channel allows is its own";
  EXPECT_FALSE(there.isFriend);
  reopen();
  const auto again = people().findPerson(_channel, "Ualice");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->role, Role::Owner);
  EXPECT_EQ(again->isFriend, std::optional<bool>(true));
  EXPECT_EQ(people().owners(_channel).size(), 1u);
  EXPECT_TRUE(people().owners(shop).empty());
  EXPECT_FALSE(people().findPerson(_channel, "Unobody"));
}

TEST_F(PeopleTest, ACodePairsOnceAndNeverLowersARole) {
  People all = people();
  const Person alice = all.person(_channel, "Ualice"), bob = all.person(_channel, "Ubob");
  all.addPairingCode("line", "mark-a", Role::Member, _clock.wallMs() + 1'000);
  EXPECT_EQ(all.pair(_channel, alice.id, "other").kind, PairingOutcome::Kind::Wrong);
  EXPECT_EQ(all.pair(otherChannel(), alice.id, "mark-a").kind, PairingOutcome::Kind::Wrong) << "bound to its channel";
  EXPECT_EQ(all.pair(_channel, alice.id, "mark-a").kind, PairingOutcome::Kind::Paired);
  EXPECT_EQ(all.person(_channel, "Ualice").role, Role::Member);
  EXPECT_EQ(all.pair(_channel, alice.id, "mark-a").kind, PairingOutcome::Kind::Paired) << "after a crash, once more";
  EXPECT_EQ(all.pair(_channel, bob.id, "mark-a").kind, PairingOutcome::Kind::Used);
  EXPECT_EQ(all.person(_channel, "Ubob").state, UserState::Unknown);
  all.setAccess(_channel, alice.id, UserState::Paired, Role::Owner);
  all.addPairingCode("line", "mark-b", Role::Member, _clock.wallMs() + 1'000);
  EXPECT_EQ(all.pair(_channel, alice.id, "mark-b").kind, PairingOutcome::Kind::Paired);
  EXPECT_EQ(all.person(_channel, "Ualice").role, Role::Owner);
  all.addPairingCode("line", "mark-c", Role::Owner, _clock.wallMs() + 1'000);
  _clock.advance(1'000);
  EXPECT_EQ(all.pair(_channel, bob.id, "mark-c").kind, PairingOutcome::Kind::Expired);
  all.addPairingCode("line", "mark-d", Role::Owner, _clock.wallMs() + 1'000);
  EXPECT_EQ(all.cancelPairingCodes("line"), 2u);
  EXPECT_EQ(all.pair(_channel, bob.id, "mark-d").kind, PairingOutcome::Kind::Wrong);
}

TEST_F(PeopleTest, AGroupIsSilentUntilAllowedAndRemembersWhatWasDecided) {
  People all = people();
  const Group group = all.group(_channel, "Cfamily", false);
  EXPECT_FALSE(group.allowAiResponse);
  EXPECT_EQ(group.record, RecordRule::None);
  const int64_t project = all.saveProject({0, "garden", "You know plants.", "", "", ""});
  all.allow(group.id, true, RecordRule::Addressed);
  all.setGroupMembers(group.id, GroupMembers::Paired);
  all.setProject(group.id, project);
  all.saveGroupProfile(group.id, "Family", "", 4);
  all.left(group.id);
  EXPECT_FALSE(all.group(_channel, "Cfamily", false).isActive);
  all.joined(group.id);
  const Group back = all.group(_channel, "Cfamily", false);
  EXPECT_TRUE(back.isActive);
  EXPECT_TRUE(back.allowAiResponse);
  EXPECT_EQ(back.record, RecordRule::Addressed);
  EXPECT_EQ(back.members, GroupMembers::Paired);
  EXPECT_EQ(back.memberCount, std::optional<int64_t>(4));
  ASSERT_TRUE(back.projectId);
  EXPECT_EQ(all.project(*back.projectId)->systemPrompt, "You know plants.");
  EXPECT_NE(all.group(otherChannel(), "Cfamily", false).id, group.id);
}

TEST_F(PeopleTest, AMembersNameIsTheGroupsOrTheProfiles) {
  People all = people();
  const Group group = all.group(_channel, "Cfamily", false);
  const Person alice = all.person(_channel, "Ualice");
  EXPECT_EQ(all.memberName(group.id, alice.id), "");
  all.saveProfile(alice.id, {"Alice", "", ""});
  EXPECT_EQ(all.memberName(group.id, alice.id), "Alice");
  all.saveMemberName(group.id, alice.id, "Mum");
  EXPECT_EQ(all.memberName(group.id, alice.id), "Mum");
  all.memberLeft(group.id, alice.id);
  all.memberJoined(group.id, alice.id);
  EXPECT_EQ(all.memberName(group.id, alice.id), "Mum");
}

TEST_F(PeopleTest, TheInstallKeyIsMadeOnceAndStays) {
  const std::string key = people().installKey();
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ(people().installKey(), key);
  reopen();
  EXPECT_EQ(people().installKey(), key);
}

}  // namespace
}  // namespace tsunagi::store
