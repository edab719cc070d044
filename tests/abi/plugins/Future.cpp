// Built with a header whose structs have grown: a newer plugin on this host.
#include "kit/responder.hpp"

namespace {
class Future {
 public:
  explicit Future(responder::Host host) : _host(host) {}
  void chat(const responder::Call&, const responder::Request& request, responder::Stream& stream) {
    const rsp_host& host = _host.raw();
    stream.text(RSP_HAS(&host, later_number) ? "host has it; " : "host lacks it; ");
    stream.text(RSP_HAS(&host, get_extension) ? "and what 0.1 had; " : "and nothing; ");
    stream.text(request.lastUserMessage()->parts()[0].data());
  }

 private:
  responder::Host _host;
};
}  // namespace

RESPONDER_PLUGIN(Future, "org.example.future", "Future", "1", RSP_CAP_STREAM)
