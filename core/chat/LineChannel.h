#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/Clock.h"
#include "chat/ChannelApi.h"
#include "line/ChatHelpers.h"
#include "line/LineLookups.h"

namespace tsunagi::chat {

// The real ChannelApi, over LINE's HTTP API. Its calls end early when cancel is cancelled (shutdown).
class LineChannel : public ChannelApi {
 public:
  static constexpr int64_t BOT_RETRY_MS = 60'000;  // after a failed question who the bot is

  // cancel and clock outlive it.
  LineChannel(std::shared_ptr<const net::HttpClient> client, line::ApiEndpoints endpoints,
              std::shared_ptr<line::AccessTokenSource> tokens, net::CancelToken& cancel, const Clock& clock);
  ~LineChannel() override;

  std::optional<store::Profile> senderProfile(const line::EventSource& source) override;
  std::optional<GroupProfile> groupProfile(std::string_view groupId, bool isRoom) override;
  void startLoading(std::string_view userId, int seconds) override;
  void markAsRead(std::string_view markAsReadToken) override;
  std::optional<Quota> quota() override;
  std::optional<Bot> bot() override;

 private:
  std::shared_ptr<const net::HttpClient> _client;
  line::LineLookups _lookups;
  line::ChatHelpers _helpers;
  net::CancelToken& _cancel;
  const Clock& _clock;
  std::mutex _mutex;
  std::optional<Bot> _bot;
  int64_t _askBotAtMs = 0;
};

}  // namespace tsunagi::chat
