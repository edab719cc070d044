#pragma once
#include "base/Clock.h"
#include "chat/ChatSettings.h"
#include "chat/Doorkeeper.h"
#include "chat/LineQuota.h"
#include "chat/OwnerDesk.h"
#include "notify/NoticeSink.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// [notify] push = yes: notices to the first owner of the channel by LINE push. They may use the reserve that answers
// leave. A notice's key is its retry key. Everything outlives it.
class OwnerPush : public notify::NoticeSink {
 public:
  OwnerPush(store::Tables& tables, const CurrentSettings& settings, Doorkeeper& door, LineQuota& quota, OwnerDesk& desk,
            const Clock& clock)
      : _tables(tables), _settings(settings), _door(door), _quota(quota), _desk(desk), _clock(clock) {}

  std::string name() const override { return "push"; }
  Outcome deliver(const notify::NoticeEntry& entry, net::CancelToken& cancel) override;

 private:
  Outcome push(const notify::NoticeEntry& entry);

  store::Tables& _tables;
  const CurrentSettings& _settings;
  Doorkeeper& _door;
  LineQuota& _quota;
  OwnerDesk& _desk;
  const Clock& _clock;
};

}  // namespace tsunagi::chat
