#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "chat/Intake.h"
#include "chat/RecentTurns.h"
#include "chat/TurnRunner.h"
#include "link/LinkClient.h"
#include "store/Files.h"
#include "store/Rows.h"

namespace tsunagi::app {

// How the bridge is, for /status, /metrics and /readyz. No secrets, no message text.
struct StatusReport {
  int64_t uptimeMs = 0;
  bool directMode = false;
  std::vector<std::string> unset;     // settings without a value (J2)
  std::vector<std::string> problems;  // a bad edit of bridge.ini, a responder that is not installed
  link::LinkState link;
  chat::IntakeStatus intake;
  size_t backlog = 0, lanesWaiting = 0, callsRunning = 0;
  store::StoreCounts counts;
  store::FileCounts files;
  std::vector<std::string> fileTroubles;  // what keeps files from being fetched, moved or removed
  std::string storeTrouble;               // the store could not be read
  std::vector<store::Notice> notices;
  std::vector<chat::TurnRunner::PushMonth> months;
  uint64_t heldAnswers = 0;  // answers that wait for a token of their conversation
  std::vector<chat::TurnTimes> recent;

  // Events can come in and be answered now.
  bool ready() const;
  std::string json() const;
  std::string metrics() const;  // Prometheus text format 0.0.4
};

const char* phaseName(link::LinkState::Phase phase);
const char* troubleName(link::LinkState::Trouble trouble);

}  // namespace tsunagi::app
