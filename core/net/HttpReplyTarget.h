#pragma once
#include <atomic>
#include <memory>

#include "net/HttpAnswers.h"
#include "net/HttpServer.h"

namespace tsunagi::net {

// One request's place among the answers. Shared by the copies of its HttpReply.
struct HttpReply::Target {
  Target(std::weak_ptr<HttpAnswers> way, uint32_t inSlot, uint64_t ofSerial, uint32_t withNumber)
      : answers(std::move(way)), serial(ofSerial), slot(inSlot), number(withNumber) {}
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  void put(HttpAnswer::Kind kind, HttpResponse response, uint64_t length = 0) const;

  std::weak_ptr<HttpAnswers> answers;
  uint64_t serial;
  uint32_t slot;
  uint32_t number;
  std::atomic<bool> done{false};
  std::atomic<uint64_t> missing{0};  // bytes of an answer in parts
};

}  // namespace tsunagi::net
