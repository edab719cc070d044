#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "kit/Errors.hpp"
#include "kit/Host.hpp"
#include "kit/Request.hpp"
#include "kit/Stream.hpp"

namespace responder {

struct Health {
  int32_t state = RSP_HEALTH_UNKNOWN;
  int64_t latencyMs = -1;  // -1: not measured
  std::string detail;      // for the operator, cut at 511 bytes; never a secret
};

struct Info {
  uint32_t caps = 0;
  uint32_t maxConcurrency = 0;  // 0: no limit
  int64_t contextTokens = 0;    // 0: not known
};

struct Model {
  std::string id;
  std::string name;
  uint32_t caps = 0;
  int64_t contextTokens = 0;  // 0: not known
  int32_t loaded = -1;        // 1, 0, or -1: not known
};

// Hands one model to the host; false: enough.
using EachModel = std::function<bool(const Model&)>;

namespace detail {

template <typename P>
using HealthOf = decltype(std::declval<P&>().health(std::declval<const Call&>()));
template <typename P>
using ModelsOf = decltype(std::declval<P&>().models(std::declval<const Call&>(), std::declval<const EachModel&>()));
template <typename P>
using CancelOf = decltype(std::declval<P&>().cancel(uint64_t{}));
template <typename P>
using InfoOf = decltype(std::declval<P&>().info());
template <typename P>
using VendorOf = decltype(P::kVendor);
template <typename P>
using DescriptionOf = decltype(P::kDescription);
template <typename P>
using SchemaOf = decltype(P::kConfigSchema);
template <typename P>
using ConcurrencyOf = decltype(P::kMaxConcurrency);

template <typename P, template <typename> class Member, typename = void>
struct HasMember : std::false_type {};
template <typename P, template <typename> class Member>
struct HasMember<P, Member, std::void_t<Member<P>>> : std::true_type {};
template <typename P, template <typename> class Member>
inline constexpr bool kHas = HasMember<P, Member>::value;

// Carries calls from the C table to an object of class P and everything that goes wrong there back as codes.
template <typename P>
struct Binding {
  struct Instance {
    explicit Instance(const rsp_host& raw) : host(raw), plugin(host) {}
    Host host;
    Wakeups wakeups;
    P plugin;
  };
  static Instance& of(rsp_instance* instance) { return *reinterpret_cast<Instance*>(instance); }

  static int32_t create(const rsp_host* host, rsp_instance** out, rsp_error* error) noexcept {
    return guarded(error, [&] { *out = reinterpret_cast<rsp_instance*>(std::make_unique<Instance>(*host).release()); });
  }
  static void destroy(rsp_instance* instance) noexcept { delete &of(instance); }

  static int32_t chat(rsp_instance* instance, const rsp_call* call, const rsp_request* request, rsp_stream_fn function,
                      void* context, rsp_error* error) noexcept {
    return guarded(error, [&] {
      Instance& self = of(instance);
      Stream stream(function, context);
      self.plugin.chat(Call(self.host, *call, self.wakeups), Request(*request), stream);
      if (!stream.finished()) stream.finish();
    });
  }

  static void cancel(rsp_instance* instance, uint64_t callId) noexcept {
    guarded(nullptr, [&] {
      Instance& self = of(instance);
      self.wakeups.wakeAll();
      if constexpr (kHas<P, CancelOf>) self.plugin.cancel(callId);
      (void)callId;
    });
  }

  static int32_t health(rsp_instance* instance, const rsp_call* call, rsp_health* out, rsp_error* error) noexcept {
    return guarded(error, [&] {
      Instance& self = of(instance);
      const Health health = self.plugin.health(Call(self.host, *call, self.wakeups));
      out->state = health.state;
      out->latency_ms = health.latencyMs;
      copyText(out->detail, health.detail);
    });
  }

  static int32_t models(rsp_instance* instance, const rsp_call* call, rsp_model_fn function, void* context,
                        rsp_error* error) noexcept {
    return guarded(error, [&] {
      Instance& self = of(instance);
      const EachModel each = [&](const Model& model) {
        rsp_model raw{};
        raw.struct_size = sizeof raw;
        raw.caps = model.caps;
        raw.id = str(model.id);
        raw.name = str(model.name);
        raw.context_tokens = model.contextTokens;
        raw.loaded = model.loaded;
        return function(context, &raw) == 0;
      };
      self.plugin.models(Call(self.host, *call, self.wakeups), each);
    });
  }

  static int32_t info(rsp_instance* instance, rsp_info* out) noexcept {
    return guarded(nullptr, [&] {
      const Info info = of(instance).plugin.info();
      out->caps = info.caps;
      out->max_concurrency = info.maxConcurrency;
      out->context_tokens = info.contextTokens;
    });
  }

  static constexpr rsp_plugin table(const char* id, const char* name, const char* version, uint32_t caps) {
    rsp_plugin table{};
    table.struct_size = sizeof table;
    table.abi_minor = RSP_ABI_MINOR;
    table.caps = caps;
    table.id = id;
    table.name = name;
    table.version = version;
    if constexpr (kHas<P, ConcurrencyOf>) table.max_concurrency = P::kMaxConcurrency;
    if constexpr (kHas<P, VendorOf>) table.vendor = P::kVendor;
    if constexpr (kHas<P, DescriptionOf>) table.description = P::kDescription;
    if constexpr (kHas<P, SchemaOf>) table.config_schema_json = P::kConfigSchema;
    table.create = &create;
    table.destroy = &destroy;
    table.chat = &chat;
    table.cancel = &cancel;
    if constexpr (kHas<P, HealthOf>) table.health = &health;
    if constexpr (kHas<P, ModelsOf>) table.list_models = &models;
    if constexpr (kHas<P, InfoOf>) table.info = &info;
    return table;
  }
};

// A plugin made of one function (const Request&, Stream&) that needs no configuration.
template <typename F, const F& function>
class Simple {
 public:
  explicit Simple(Host) {}
  void chat(const Call&, const Request& request, Stream& stream) { function(request, stream); }
};

}  // namespace detail
}  // namespace responder
