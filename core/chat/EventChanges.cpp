#include "chat/EventChanges.h"

#include <utility>

namespace tsunagi::chat {

EventChanges::EventChanges(store::Tables& tables, std::function<void()> filesChanged)
    : _tables(tables), _filesChanged(std::move(filesChanged)) {}

void EventChanges::apply(const store::InboxRow& row, const line::Event& event, const std::string& words) {
  using Kind = line::EventKind;
  const Kind kind = line::kindOf(event);
  store::People& people = _tables.people;
  const bool fromGroup = event.source.kind == line::EventSource::Kind::Group;
  const bool fromRoom = event.source.kind == line::EventSource::Kind::Room;
  const auto person = [&] { return people.person(row.channelId, event.source.userId).id; };
  const auto group = [&] {
    return people.group(row.channelId, fromGroup ? event.source.groupId : event.source.roomId, fromRoom).id;
  };
  const bool hasPerson = line::isLineId(event.source.userId, "U");
  if (hasPerson && !fromGroup && !fromRoom && (kind == Kind::Follow || kind == Kind::Unfollow))
    people.setFriend(row.channelId, person(), kind == Kind::Follow);
  if (kind == Kind::Unsend && line::isMessageId(event.unsentMessageId)) {
    _tables.messages.unsend(row.channelId, event.unsentMessageId);
    _filesChanged();
  }
  if (kind == Kind::MessageEdited && event.message && line::kindOf(*event.message) == line::MessageKind::Text) {
    // Of a message whose words were not kept the new ones are not kept either (J7).
    const auto known = _tables.messages.find(row.channelId, event.message->id);
    if (known && !known->content.empty())
      _tables.messages.edit(row.channelId, event.message->id, words, event.timestampMs);
  }
  if (!fromGroup && !fromRoom) return;
  if (kind == Kind::Join) people.joined(group());
  if (kind == Kind::Leave) people.left(group());
  if (kind == Kind::MemberJoined || kind == Kind::MemberLeft) {
    const int64_t groupId = group();
    for (const std::string& member : event.memberIds) {
      if (!line::isLineId(member, "U")) continue;
      const int64_t memberId = people.person(row.channelId, member).id;
      kind == Kind::MemberJoined ? people.memberJoined(groupId, memberId) : people.memberLeft(groupId, memberId);
    }
  }
}

}  // namespace tsunagi::chat
