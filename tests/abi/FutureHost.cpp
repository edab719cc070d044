// Built with a header whose structs have grown: today's echo.so on a newer host. Argument: the path of echo.so.
#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "kit/Request.hpp"

namespace {

struct Seen {
  std::string text;
  int finishes = 0;
  bool grown = false;
};

rsp_host makeHost() {
  rsp_host host{};
  host.struct_size = sizeof host;
  host.abi_minor = RSP_ABI_MINOR;
  host.log = [](const rsp_host*, int32_t, uint64_t, rsp_str) {};
  host.monotonic_ms = [](const rsp_host*) { return int64_t{1000}; };
  host.is_cancelled = [](const rsp_host*, uint64_t) { return int32_t{0}; };
  host.config_get = [](const rsp_host*, rsp_str, rsp_str*) { return int32_t{RSP_E_UNSUPPORTED}; };
  host.secret_get = host.config_get;
  host.get_extension = [](const rsp_host*, const char*) -> const void* { return nullptr; };
  std::memset(&host.later_number, 0xA5, sizeof host.later_number);
  return host;
}

int fail(const char* what) {
  std::fprintf(stderr, "failed: %s\n", what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fail("usage: future_host <echo.so>");
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail("dlopen");
  const auto entry = reinterpret_cast<rsp_entry_fn>(dlsym(library, RSP_ENTRY_SYMBOL));
  if (entry == nullptr) return fail("no entry symbol");
  const rsp_plugin* const plugin = entry(RSP_ABI_MINOR);
  if (plugin == nullptr || plugin != entry(RSP_ABI_MINOR)) return fail("the entry gives the same table each time");
  if (RSP_HAS(plugin, later_number)) return fail("today's table has no field of tomorrow");

  const rsp_host host = makeHost();
  rsp_error error{};
  error.struct_size = sizeof error;
  rsp_instance* first = nullptr;
  rsp_instance* second = nullptr;
  if (plugin->create(&host, &first, &error) != RSP_OK || plugin->create(&host, &second, &error) != RSP_OK ||
      first == second)
    return fail("two instances of one library");

  rsp_part part{};
  part.struct_size = sizeof part;
  part.kind = RSP_PART_TEXT;
  part.data = responder::str("hello");
  const rsp_part* const parts[] = {&part};
  rsp_message message{};
  message.struct_size = sizeof message;
  message.role = RSP_ROLE_USER;
  message.n_parts = 1;
  message.parts = parts;
  const rsp_message* const messages[] = {&message};
  rsp_request request{};
  request.struct_size = sizeof request;
  request.n_messages = 1;
  request.messages = messages;
  rsp_call call{};
  call.struct_size = sizeof call;
  call.call_id = 1;

  for (rsp_instance* instance : {first, second}) {
    Seen seen;
    const auto take = [](void* context, const rsp_event* event) -> int32_t {
      auto& own = *static_cast<Seen*>(context);
      if (event->kind == RSP_EV_TEXT) own.text += responder::view(event->text);
      if (event->kind == RSP_EV_FINISH) ++own.finishes;
      if (RSP_HAS(event, later_number)) own.grown = true;
      return 0;
    };
    if (plugin->chat(instance, &call, &request, take, &seen, &error) != RSP_OK) return fail(error.message);
    if (seen.text != "hello" || seen.finishes != 1 || seen.grown) return fail("the answer");
  }
  plugin->cancel(first, 77);  // unknown: a no-op
  plugin->destroy(first);
  plugin->destroy(second);
  return 0;
}
