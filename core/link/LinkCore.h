#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "link/AddressWatch.h"
#include "link/LinkClient.h"
#include "link/LinkConnection.h"
#include "link/ReconnectPolicy.h"
#include "net/WebSocketClient.h"

namespace tsunagi::link {

// What LinkClient does on its loop: dials, keeps one current connection and at most one successor, decides the waits.
// Everything but state() runs on the loop.
class LinkClient::Core : public LinkConnectionOwner, public std::enable_shared_from_this<LinkClient::Core> {
 public:
  Core(net::EventLoop& loop, LinkSink& sink, const Clock& clock);

  void configure(std::optional<LinkOptions> options);
  void start();
  void beginStop();             // acknowledges, closes 1000
  void endStop();               // nothing of the sink is called afterwards
  bool waitClosed(int64_t ms);  // [not the loop's thread] after beginStop
  void committed(const std::string& epoch, uint64_t seq);
  void refuse(const std::string& epoch, uint64_t seq, NackCode code, const std::string& reason);
  void sendStatus(std::string json);
  LinkState state() const;  // [any thread]

 private:
  LinkPosition positionForHello() override;
  LinkPosition handedOver(LinkConnection& connection) override;
  void onOutput(LinkConnection& connection, BridgeSession::Output output) override;
  void onEnded(LinkConnection& connection, uint16_t code, const std::string& reason, bool ours) override;

  void applyOptions();
  void dial();
  void dialAfter(int64_t ms);
  void onRefused(const net::WebSocketRefusal& refusal);
  void onWelcomed(LinkConnection& connection, const BridgeSession::Welcomed& welcomed);
  void onGoaway(const Goaway& goaway);
  void deliver(ReceivedEvent event);
  void flushEvents();
  void forgetHandedOver();  // tells the sink
  void dropConnections(uint16_t code, const std::string& reason);
  void eachSession(const std::function<void(BridgeSession&, int64_t, BridgeSession::Outputs&)>& input);
  void watch();  // once a second: did this machine sleep?
  bool hasSlept() const;
  void onAddressChange();
  void waitFor(ReconnectPolicy::Ending ending, int64_t askedMs, LinkState::Trouble trouble, std::string detail);
  void publish();  // _shown to the sink and to state()
  void noteClosed();

  net::EventLoop& _loop;
  LinkSink& _sink;
  const Clock& _clock;
  ReconnectPolicy _policy;
  std::optional<LinkOptions> _options;
  std::optional<net::Url> _url;              // of the unit's socket; nothing when not usable
  std::optional<net::Url> _altUrl;           // for the next attempt only
  std::shared_ptr<LinkConnection> _current;  // welcomed; or the first, not yet welcomed
  std::shared_ptr<LinkConnection> _next;     // dialled while _current serves
  std::shared_ptr<net::WebSocketConnector::Attempt> _attempt;
  std::shared_ptr<LinkConnection> _attempting;
  std::unique_ptr<AddressWatch> _addressWatch;
  net::TimerId _dialTimer = 0;
  net::TimerId _watchTimer = 0;
  int64_t _watchedMs = 0;
  std::optional<LinkPosition> _mark;  // what an ended connection delivered, while its successor is not yet welcomed
  std::vector<ReceivedEvent> _batch;
  bool _flushQueued = false;
  std::string _status;
  std::optional<std::pair<std::string, SeqRange>> _lastGap;
  bool _started = false;
  bool _stopping = false;
  bool _silent = false;  // the sink is not called any more
  LinkState _now;

  mutable std::mutex _mutex;
  std::condition_variable _changed;
  LinkState _shown;         // guarded by _mutex
  bool _allClosed = false;  // guarded by _mutex
};

}  // namespace tsunagi::link
