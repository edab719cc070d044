#pragma once
// For writers of responder plugins in C++17: a class or a lambda, and one macro. Header-only; needs nothing but the C
// ABI.
//
//   class Shout {
//    public:
//     explicit Shout(responder::Host host);                // throw responder::Error for a setting that cannot work
//     void chat(const responder::Call& call, const responder::Request& request, responder::Stream& stream);
//     // all of these may be left out:
//     responder::Health health(const responder::Call& call);
//     void models(const responder::Call& call, const responder::EachModel& each);
//     responder::Info info();                              // on any thread
//     void cancel(uint64_t callId);                        // on any thread, must not block; needed only when chat()
//     can
//                                                          // be stuck where neither Stream nor Call::waitFor() wakes
//                                                          it
//     static constexpr const char* kVendor = "...", *kDescription = "...", *kConfigSchema = "{...}";
//     static constexpr uint32_t kMaxConcurrency = 4;
//   };
//   RESPONDER_PLUGIN(Shout, "org.example.shout", "Shout", "1.0.0", RSP_CAP_STREAM)
//
//   RESPONDER_SIMPLE("org.example.hello", "1.0.0", [](const responder::Request&, responder::Stream& s) {
//   s.text("Hello"); })
//
// chat(), health() and models() run on threads of the host, several at once. Whatever they throw becomes a code for the
// host; see Errors.hpp. Build with responder_add_plugin() of TsunagiResponder.cmake.
#include "kit/Binding.hpp"

#define RESPONDER_PLUGIN(Class, id, name, version, caps)                                                     \
  extern "C" RSP_EXPORT const rsp_plugin* responder_entry_v0(uint32_t host_abi_minor) {                      \
    static constexpr rsp_plugin table = ::responder::detail::Binding<Class>::table(id, name, version, caps); \
    return host_abi_minor >= RSP_ABI_OLDEST_MINOR ? &table : nullptr;                                        \
  }

#define RESPONDER_SIMPLE(id, version, ...)                                                     \
  static const auto responderSimpleFunction = __VA_ARGS__;                                     \
  using ResponderSimplePlugin =                                                                \
      ::responder::detail::Simple<decltype(responderSimpleFunction), responderSimpleFunction>; \
  RESPONDER_PLUGIN(ResponderSimplePlugin, id, id, version, RSP_CAP_STREAM)
