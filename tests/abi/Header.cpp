// The ABI header and the kit in C++: an object of each struct, and a plugin of each form.
#include "kit/responder.hpp"

namespace {
struct All {
  rsp_error error;
  rsp_call call;
  rsp_request request;
  rsp_event event;
  rsp_host host;
  rsp_info info;
  rsp_model model;
  rsp_health health;
  rsp_plugin plugin;
};

class Whole {
 public:
  explicit Whole(responder::Host host) : _host(host) {}
  void chat(const responder::Call& call, const responder::Request& request, responder::Stream& stream) {
    call.check();
    for (const auto message : request.messages())
      for (const auto part : message.parts())
        if (part.isText()) stream.text(part.data());
    stream.usage({});
  }
  responder::Health health(const responder::Call&) { return {}; }
  void models(const responder::Call&, const responder::EachModel& each) { each({}); }
  responder::Info info() const { return {}; }
  void cancel(uint64_t callId) { _host.debug("cancel", callId); }
  static constexpr const char* kVendor = "a";
  static constexpr const char* kDescription = "b";
  static constexpr const char* kConfigSchema = "{\"type\":\"object\"}";
  static constexpr uint32_t kMaxConcurrency = 3;

 private:
  responder::Host _host;
};

constexpr rsp_plugin kTable = responder::detail::Binding<Whole>::table("a", "b", "c", RSP_CAP_STREAM);
static_assert(kTable.struct_size == sizeof(rsp_plugin) && kTable.max_concurrency == 3, "all members are found");
using responder::detail::kHas;
static_assert(kHas<Whole, responder::detail::HealthOf> && kHas<Whole, responder::detail::ModelsOf>,
              "and the functions");
static_assert(kHas<Whole, responder::detail::InfoOf> && kHas<Whole, responder::detail::CancelOf>, "all four");
}  // namespace

RESPONDER_SIMPLE("org.example.hello", "1.0.0", [](const responder::Request& request, responder::Stream& stream) {
  stream.text("hello, ");
  if (const auto message = request.lastUserMessage()) stream.text(message->parts()[0].data());
})

size_t sizeOfAll();
size_t sizeOfAll() { return sizeof(All); }
