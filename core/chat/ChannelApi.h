#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "line/Events.h"
#include "store/People.h"

namespace tsunagi::chat {

struct GroupProfile {
  std::string name, pictureUrl;
  std::optional<int64_t> memberCount;
};

// What a turn asks of LINE for one channel beside sending. Best effort: nothing here decides whether an event is
// handled. Thread-safe; blocks for at most one call's deadline each.
class ChannelApi {
 public:
  virtual ~ChannelApi() = default;
  // By the endpoint that can know this event's sender; nothing when LINE shows nobody.
  virtual std::optional<store::Profile> senderProfile(const line::EventSource& source) = 0;
  virtual std::optional<GroupProfile> groupProfile(std::string_view groupId, bool isRoom) = 0;
  virtual void startLoading(std::string_view userId, int seconds) = 0;
  virtual void markAsRead(std::string_view markAsReadToken) = 0;
  struct Quota {
    std::optional<int64_t> limit;  // nothing: no limit
    int64_t used = 0;
  };
  virtual std::optional<Quota> quota() = 0;  // nothing: not to be had
  struct Bot {
    std::string userId, basicId, displayName;
  };
  virtual std::optional<Bot> bot() = 0;  // asked once and kept
};

}  // namespace tsunagi::chat
