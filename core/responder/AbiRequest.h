#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "abi/responder.h"
#include "responder/Chat.h"

namespace tsunagi::responder {

// A ChatRequest in the form of the ABI. Points into the request, which must outlive it unchanged; text that is not
// valid UTF-8 is handed over repaired.
class AbiRequest {
 public:
  explicit AbiRequest(const ChatRequest& request);
  AbiRequest(const AbiRequest&) = delete;
  AbiRequest& operator=(const AbiRequest&) = delete;
  const rsp_request* get() const { return &_request; }

 private:
  rsp_str text(std::string_view text);

  std::deque<std::string> _repaired;
  std::deque<rsp_part> _parts;
  std::deque<rsp_message> _messages;
  std::deque<std::vector<const rsp_part*>> _partLists;
  std::vector<const rsp_message*> _messageList;
  rsp_request _request{};
};

}  // namespace tsunagi::responder
