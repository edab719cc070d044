#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "chat/ChatSettings.h"
#include "files/FileSettings.h"
#include "line/AccessTokenSource.h"
#include "line/ApiEndpoints.h"
#include "link/LinkClient.h"
#include "net/Tls.h"
#include "notify/NoticeSink.h"
#include "responder/ResponderSettings.h"
#include "service/Settings.h"

namespace tsunagi::net {
class CancelToken;
class HttpClient;
}  // namespace tsunagi::net

namespace tsunagi::app {

// TLS contexts and HTTP clients by their CA file, kept while that file holds the same bytes: a link with the same
// context need not dial anew. The system's CAs are read once; new ones in its folder are found without that. Sources of
// short-lived access tokens are kept while what they are made of stays the same. One thread at a time.
class ClientCache {
 public:
  Result<std::shared_ptr<const net::TlsContext>> client(const std::string& caFile);  // "" = the system's CAs
  Result<std::shared_ptr<const net::HttpClient>> http(const std::string& caFile);
  std::shared_ptr<line::AccessTokenSource> statelessTokens(const std::shared_ptr<const net::HttpClient>& client,
                                                           const line::ApiEndpoints& endpoints,
                                                           const std::string& channelId,
                                                           const SecretString& channelSecret);

 private:
  struct Context {
    std::string digest;  // of the file's bytes
    std::shared_ptr<const net::TlsContext> tls;
  };
  std::map<std::string, Context> _contexts;
  struct Tokens {
    std::shared_ptr<const net::HttpClient> client;  // lives as long as its tokens
    std::shared_ptr<line::AccessTokenSource> source;
  };
  std::map<std::string, std::shared_ptr<const net::HttpClient>> _clients;
  std::map<std::string, Tokens> _tokens;
};

// One state of bridge.ini in the terms of the parts that use it. Responders are still names.
struct BridgeConfig {
  std::optional<link::LinkOptions> link;
  std::vector<chat::ChannelSettings> channels;
  std::vector<responder::ResponderSettings> responders;  // all there are
  std::map<std::string, store::Role> minimumRoles;       // by responder, where [responder.<name>] min_role is set
  chat::ChatSettings chat;                               // without channels and responders
  // What may differ from channel to channel, resolved; `order` names responders.
  struct Policy {
    std::vector<std::string> order;
    chat::AccessSettings access;
    chat::ReplySettings reply;
  };
  std::map<std::string, Policy> policies;         // of every channel
  std::vector<std::string> order;                 // of [bridge] responder
  int64_t keepMessagesMs = 0;                     // 0 = for ever
  int64_t keepFilesMs = 0;                        // 0 = as long as their messages
  std::shared_ptr<notify::NoticeSink> notifyUrl;  // null: [notify] url is not set
  bool notifyPush = false;
  std::vector<std::string> unset;  // what J2 calls a state: "[line] channel_secret"

  bool isAsked(std::string_view responder) const;  // also without a project that names it
  static Result<BridgeConfig> read(const service::Settings& settings, ClientCache& tls, net::CancelToken& cancelSends,
                                   const std::string& instance);
};

// All [responder.<name>] sections that name a plugin.
std::vector<responder::ResponderSettings> responderSettings(const service::Settings& settings);
// [files]; dataFolder: of the bridge.
files::FileSettings fileSettings(const service::Settings& settings, const std::string& dataFolder);
std::string spoolFolder(const service::Settings& settings, const std::string& dataFolder);

}  // namespace tsunagi::app
