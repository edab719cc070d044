#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/BridgeConfig.h"
#include "app/Housekeeper.h"
#include "app/StatusReport.h"
#include "base/Clock.h"
#include "chat/Intake.h"
#include "chat/Lanes.h"
#include "chat/OwnerDesk.h"
#include "chat/RunningCalls.h"
#include "chat/StopSignal.h"
#include "chat/TurnRunner.h"
#include "files/FileService.h"
#include "link/LinkClient.h"
#include "net/EventLoop.h"
#include "net/HttpClient.h"
#include "net/HttpServer.h"
#include "notify/Notifier.h"
#include "responder/ResponderHost.h"
#include "responder/ResponderSet.h"
#include "service/DataFolder.h"
#include "service/Settings.h"
#include "store/StoreFile.h"
#include "store/Tables.h"

namespace tsunagi::app {

// The parts of a running bridge and how they hang together.
//
// Threads: "bridge-loop" (link, HTTP servers), "intake" (verify, commit, acknowledge), "lane-N" (turns and sending),
// "tap-N" (taps on buttons), "keeper" (settings, purge, status), "notify" (notices to the owner), and those of
// files::FileService and responder::ResponderHost. Settings are applied on the thread that noticed the change: main,
// keeper or intake.
//
// Shutdown order, so that nothing is taken that cannot be finished and nothing finished is lost:
//   1. the direct listener takes no more connections; the intake commits and acknowledges what is here and stops
//   2. the link sends its last acknowledgements and closes; the HTTP servers end
//   3. lanes take nothing new; turns in hand get a grace, then their calls are cancelled, then their sends;
//      downloads end after them, to go on with the next start
//   4. the keeper and the notices end; responders are let go and destroyed; the store closes
// What is cut short stands in the store as it was last committed, and the next start goes on from there.
class Bridge {
 public:
  struct Options {
    std::string dataFolder;
    std::string pluginFolder;
    // The newest good settings, bridge.ini read again when it changed. [any thread]
    std::function<std::shared_ptr<const service::Settings>()> refresh;
    std::function<std::vector<std::string>()> standingErrors;  // of bridge.ini as it is on disk
  };
  Bridge(Options options, const Clock& clock);
  ~Bridge();

  // Throws service::ProgramError. Returns the addresses listened on, by name.
  std::vector<std::pair<std::string, std::string>> start(const std::shared_ptr<const service::Settings>& settings);
  // Switches to other settings, whole or not at all; the same ones change nothing unless reread: then certificate files
  // are read anew. [any thread]
  Status apply(const std::shared_ptr<const service::Settings>& settings, bool reread);
  void drain();   // steps 1 to 3
  bool finish();  // step 4; false: something hangs, the process should leave by _exit()

  StatusReport report();  // [any thread but the loop's] reads the store

 private:
  class Uplink;
  Status applyLocked(const std::shared_ptr<const service::Settings>& settings);
  Status applyResponders(const service::Settings& settings, const BridgeConfig& config, chat::ChatSettings& chat,
                         std::vector<std::string>& problems);
  void refreshAndApply();
  std::string listenDirect(const service::Settings& settings);
  std::string listenStatus(const service::Settings& settings);
  Result<std::shared_ptr<const net::TlsContext>> directTls(const service::Settings& settings);
  chat::ClockView clockView();
  void purge();
  bool purgeSome();  // true when there may be more
  void openFiles(const service::Settings& settings);
  int64_t today() const;
  void reportState(const link::LinkState& state);

  const Options _options;
  const Clock& _clock;
  const int64_t _startedMs;
  const std::string _instance;

  std::optional<service::DataFolder> _folder;
  std::unique_ptr<store::StoreFile> _storeFile;
  std::unique_ptr<store::Tables> _store;
  std::unique_ptr<responder::ResponderHost> _responderHost;
  std::unique_ptr<responder::ResponderSet> _responders;
  std::atomic<int64_t> _keepMessagesMs{0}, _keepFilesMs{0};
  std::unique_ptr<files::FileService> _files;
  std::unique_ptr<notify::Notifier> _notifier;
  std::unique_ptr<chat::OwnerDesk> _desk;
  chat::CurrentSettings _chat;
  chat::RunningCalls _calls;
  chat::StopSignal _stop;
  net::CancelToken _cancelSends;
  std::unique_ptr<chat::TurnRunner> _turns;
  std::unique_ptr<chat::Lanes> _lanes;
  std::unique_ptr<chat::Intake> _intake;
  std::unique_ptr<net::EventLoop> _loop;
  std::unique_ptr<link::LinkClient> _link;
  std::unique_ptr<Uplink> _uplink;
  std::unique_ptr<net::HttpServer> _direct;
  std::unique_ptr<net::HttpServer> _status;
  std::unique_ptr<Housekeeper> _keeper;

  std::mutex _applyMutex;  // guards what follows
  std::shared_ptr<const service::Settings> _applied;
  std::shared_ptr<const service::Settings> _rejected;  // told once
  ClientCache _tls;
  bool _directHasTls = false;

  std::mutex _stateMutex;  // guards what follows
  std::vector<std::string> _unset, _problems;
  std::string _rejection;  // why the newest settings could not be used
};

}  // namespace tsunagi::app
