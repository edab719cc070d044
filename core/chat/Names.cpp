#include "chat/Names.h"

#include "chat/ChatSettings.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t FRESH_MS = 24 * 3'600'000LL;

}  // namespace

void learnNames(store::Tables& tables, const Clock& clock, Arrival& arrival) {
  if (arrival.channel == nullptr || !arrival.channel->api || !arrival.decision.askProfile) return;
  const int64_t now = clock.wallMs();
  const auto stale = [&](const std::optional<int64_t>& at) { return !at || now - *at > FRESH_MS; };
  store::People& people = tables.people;
  if (arrival.group && stale(arrival.group->profileAt)) {
    const auto profile = arrival.channel->api->groupProfile(arrival.group->lineGroupId, arrival.group->isRoom);
    const GroupProfile known = profile.value_or(GroupProfile{arrival.group->name, "", arrival.group->memberCount});
    people.saveGroupProfile(arrival.group->id, known.name, known.pictureUrl, known.memberCount);
    arrival.group->name = known.name;
    arrival.group->memberCount = known.memberCount;
  }
  if (!arrival.person || !stale(arrival.person->profileAt)) return;
  if (const auto profile = arrival.channel->api->senderProfile(arrival.event.source)) {
    people.saveProfile(arrival.person->id, *profile);
    if (arrival.group) people.saveMemberName(arrival.group->id, arrival.person->id, profile->displayName);
    arrival.person->displayName = profile->displayName;
  } else {
    people.noteProfileAsked(arrival.person->id);
  }
}

}  // namespace tsunagi::chat
