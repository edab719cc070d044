#include "app/StatusReport.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/Version.h"

namespace tsunagi::app {
namespace {

using Month = chat::TurnRunner::PushMonth;
using Counter = std::pair<const char*, uint64_t store::StoreCounts::*>;
constexpr Counter COUNTERS[] = {{"received", &store::StoreCounts::webhooks},
                                {"events", &store::StoreCounts::events},
                                {"duplicates", &store::StoreCounts::duplicates},
                                {"refused", &store::StoreCounts::refused},
                                {"quarantined", &store::StoreCounts::quarantined},
                                {"released", &store::StoreCounts::released},
                                {"answered", &store::StoreCounts::answered},
                                {"apologies", &store::StoreCounts::apologies},
                                {"notices", &store::StoreCounts::notices},
                                {"merged", &store::StoreCounts::merged},
                                {"sent", &store::StoreCounts::sent},
                                {"late", &store::StoreCounts::late},
                                {"failed", &store::StoreCounts::failed},
                                {"unknown", &store::StoreCounts::unknown},
                                {"dead", &store::StoreCounts::dead},
                                {"held", &store::StoreCounts::held},
                                {"pushes", &store::StoreCounts::pushes},
                                {"pushed_recipients", &store::StoreCounts::pushed},
                                {"gaps", &store::StoreCounts::gaps},
                                {"resyncs", &store::StoreCounts::resyncs}};

}  // namespace

const char* phaseName(link::LinkState::Phase phase) {
  using Phase = link::LinkState::Phase;
  switch (phase) {
    case Phase::Unconfigured:
      return "unconfigured";
    case Phase::Connecting:
      return "connecting";
    case Phase::Waiting:
      return "waiting";
    case Phase::Connected:
      return "connected";
    case Phase::Stopped:
      break;
  }
  return "stopped";
}

const char* troubleName(link::LinkState::Trouble trouble) {
  using Trouble = link::LinkState::Trouble;
  switch (trouble) {
    case Trouble::None:
      return "none";
    case Trouble::Unreachable:
      return "unreachable";
    case Trouble::Tls:
      return "tls";
    case Trouble::Refused:
      return "refused";
    case Trouble::Replaced:
      return "replaced";
    case Trouble::Overloaded:
      return "overloaded";
    case Trouble::Incompatible:
      return "incompatible";
    case Trouble::Protocol:
      break;
  }
  return "protocol";
}

bool StatusReport::ready() const {
  const bool reachable = directMode || link.phase == link::LinkState::Phase::Connected;
  return reachable && intake.heldBecause.empty() && intake.storeTrouble.empty() && storeTrouble.empty() &&
         unset.empty();
}

std::string StatusReport::json() const {
  nlohmann::json counters = nlohmann::json::object();
  for (const auto& [name, field] : COUNTERS) counters[name] = counts.*field;
  nlohmann::json shown = nlohmann::json::array();
  for (const auto& notice : notices)
    shown.push_back({{"kind", notice.kind}, {"detail", notice.detail}, {"at_ms", notice.wallMs}});
  nlohmann::json recentTurns = nlohmann::json::array();
  for (const auto& turn : recent)
    recentTurns.push_back({{"event", turn.webhookEventId},
                           {"relay_ms", turn.relayMs},
                           {"queued_ms", turn.queuedMs},
                           {"responder_ms", turn.responderMs},
                           {"line_ms", turn.lineMs}});
  nlohmann::json monthsShown = nlohmann::json::object();
  for (const auto& month : months)
    monthsShown[month.channel] = {
        {"quota_used_up", month.quota.usedUp},
        {"quota_left", month.quota.left ? nlohmann::json(*month.quota.left) : nlohmann::json()},
        {"pushed", month.pushed}};
  const nlohmann::json all{{"version", TSUNAGI_VERSION},
                           {"uptime_ms", uptimeMs},
                           {"ready", ready()},
                           {"unset", unset},
                           {"problems", problems},
                           {"link",
                            {{"state", phaseName(link.phase)},
                             {"trouble", troubleName(link.trouble)},
                             {"detail", link.detail},
                             {"node", link.node},
                             {"epoch", intake.position.epoch},
                             {"last_seq", intake.position.lastSeq},
                             {"clock_skew_ms", link.clockSkewMs},
                             {"reconnects", link.reconnects}}},
                           {"intake",
                            {{"held", intake.held},
                             {"held_because", intake.heldBecause},
                             {"bad_signatures", intake.badSignatures},
                             {"store_trouble", intake.storeTrouble.empty() ? storeTrouble : intake.storeTrouble}}},
                           {"lanes", {{"backlog", backlog}, {"waiting", lanesWaiting}, {"calls", callsRunning}}},
                           {"store",
                            {{"inbox_open", counts.inboxOpen},
                             {"outbox_open", counts.outboxOpen},
                             {"quarantine", counts.quarantine},
                             {"held_answers", heldAnswers}}},
                           {"month", monthsShown},
                           {"files",
                            {{"waiting", files.waiting},
                             {"spooled", files.spooled},
                             {"stored", files.stored},
                             {"failed", files.failed},
                             {"to_remove", files.dropping},
                             {"bytes", files.bytes},
                             {"downloaded", files.downloaded},
                             {"troubles", fileTroubles}}},
                           {"counters", counters},
                           {"notices", shown},
                           {"recent", recentTurns}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string StatusReport::metrics() const {
  std::string text;
  const auto line = [&](const std::string& name, const char* type, uint64_t value) {
    text +=
        "# TYPE tsunagi_bridge_" + name + " " + type + "\ntsunagi_bridge_" + name + " " + std::to_string(value) + "\n";
  };
  for (const auto& [name, field] : COUNTERS) line(std::string(name) + "_total", "counter", counts.*field);
  line("bad_signatures_total", "counter", intake.badSignatures);
  line("link_reconnects_total", "counter", link.reconnects);
  line("link_connected", "gauge", link.phase == link::LinkState::Phase::Connected ? 1 : 0);
  line("ready", "gauge", ready() ? 1 : 0);
  line("held_events", "gauge", intake.held);
  line("backlog_events", "gauge", backlog);
  line("waiting_lanes", "gauge", lanesWaiting);
  line("running_calls", "gauge", callsRunning);
  line("open_inbox_rows", "gauge", counts.inboxOpen);
  line("open_outbox_rows", "gauge", counts.outboxOpen);
  line("quarantined_webhooks", "gauge", counts.quarantine);
  line("files_waiting", "gauge", files.waiting);
  line("files_spooled", "gauge", files.spooled);
  line("files_stored", "gauge", files.stored);
  line("files_to_remove", "gauge", files.dropping);
  line("files_bytes", "gauge", files.bytes);
  line("files_troubles", "gauge", fileTroubles.size());
  line("files_downloaded_total", "counter", files.downloaded);
  line("files_downloaded_bytes_total", "counter", files.downloadedBytes);
  line("files_moved_total", "counter", files.moved);
  line("files_failed_total", "counter", files.gaveUp);
  line("files_removed_total", "counter", files.dropped);
  line("held_answers", "gauge", heldAnswers);
  const auto perChannel = [&](const std::string& name, const std::function<std::optional<int64_t>(const Month&)>& of) {
    text += "# TYPE tsunagi_bridge_" + name + " gauge\n";
    for (const auto& month : months)
      if (const auto value = of(month))
        text += "tsunagi_bridge_" + name + "{channel=\"" + month.channel + "\"} " + std::to_string(*value) + "\n";
  };
  perChannel("month_pushed_recipients", [](const Month& month) { return month.pushed; });
  perChannel("month_quota_used_up", [](const Month& month) { return month.quota.usedUp ? 1 : 0; });
  perChannel("month_quota_left", [](const Month& month) { return month.quota.left; });
  return text;
}

}  // namespace tsunagi::app
