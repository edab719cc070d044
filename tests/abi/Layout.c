// The layout of ABI 0.1, written down a second time: whoever moves a field has to change this file too, and must not.
#include "abi/responder.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size than in 0.1")
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved")

_Static_assert(sizeof(void*) == 8, "the ABI is defined for 64-bit platforms");
_Static_assert(RSP_ABI_MAJOR == 0 && RSP_ABI_MINOR >= 1, "the fences below are those of 0.1");

SIZE(rsp_str, 16);
AT(rsp_error, code, 4);
AT(rsp_error, http_status, 8);
AT(rsp_error, retry_after_ms, 12);
AT(rsp_error, message, 16);
SIZE(rsp_error, 272);
AT(rsp_call, flags, 4);
AT(rsp_call, call_id, 8);
AT(rsp_call, deadline_ms, 16);
SIZE(rsp_call, 24);
AT(rsp_part, kind, 4);
AT(rsp_part, id, 8);
AT(rsp_part, data, 24);
AT(rsp_part, mime, 40);
AT(rsp_part, name, 56);
SIZE(rsp_part, 72);
AT(rsp_message, role, 4);
AT(rsp_message, n_parts, 8);
AT(rsp_message, parts, 16);
SIZE(rsp_message, 24);
AT(rsp_request, accept, 4);
AT(rsp_request, model, 8);
AT(rsp_request, conversation_id, 24);
AT(rsp_request, n_messages, 40);
AT(rsp_request, messages, 48);
AT(rsp_request, temperature, 56);
AT(rsp_request, max_output_tokens, 64);
AT(rsp_request, options_json, 72);
SIZE(rsp_request, 88);
AT(rsp_usage, input_tokens, 8);
AT(rsp_usage, output_tokens, 16);
AT(rsp_usage, cached_tokens, 24);
AT(rsp_usage, reasoning_tokens, 32);
AT(rsp_usage, backend_ms, 40);
SIZE(rsp_usage, 48);
AT(rsp_event, kind, 4);
AT(rsp_event, text, 8);
AT(rsp_event, finish, 24);
AT(rsp_event, usage, 32);
AT(rsp_event, part, 40);
SIZE(rsp_event, 48);
AT(rsp_host, abi_major, 4);
AT(rsp_host, abi_minor, 8);
AT(rsp_host, host_data, 16);
AT(rsp_host, name, 24);
AT(rsp_host, version, 40);
AT(rsp_host, instance, 56);
AT(rsp_host, log, 72);
AT(rsp_host, monotonic_ms, 80);
AT(rsp_host, is_cancelled, 88);
AT(rsp_host, config_get, 96);
AT(rsp_host, secret_get, 104);
AT(rsp_host, get_extension, 112);
SIZE(rsp_host, 120);
AT(rsp_info, caps, 4);
AT(rsp_info, max_concurrency, 8);
AT(rsp_info, context_tokens, 16);
SIZE(rsp_info, 24);
AT(rsp_model, caps, 4);
AT(rsp_model, id, 8);
AT(rsp_model, name, 24);
AT(rsp_model, context_tokens, 40);
AT(rsp_model, loaded, 48);
SIZE(rsp_model, 56);
AT(rsp_health, state, 4);
AT(rsp_health, latency_ms, 8);
AT(rsp_health, detail, 16);
SIZE(rsp_health, 528);
AT(rsp_plugin, abi_minor, 4);
AT(rsp_plugin, caps, 8);
AT(rsp_plugin, max_concurrency, 12);
AT(rsp_plugin, id, 16);
AT(rsp_plugin, name, 24);
AT(rsp_plugin, version, 32);
AT(rsp_plugin, vendor, 40);
AT(rsp_plugin, description, 48);
AT(rsp_plugin, config_schema_json, 56);
AT(rsp_plugin, create, 64);
AT(rsp_plugin, destroy, 72);
AT(rsp_plugin, chat, 80);
AT(rsp_plugin, cancel, 88);
AT(rsp_plugin, health, 96);
AT(rsp_plugin, list_models, 104);
AT(rsp_plugin, info, 112);
AT(rsp_plugin, get_extension, 120);
SIZE(rsp_plugin, 128);

// RSP_HAS is about the last byte of a field.
int tsunagi_layout_has_works(void);
int tsunagi_layout_has_works(void) {
  rsp_call call = {0};
  call.struct_size = (uint32_t)offsetof(rsp_call, deadline_ms);
  const int before = RSP_HAS(&call, call_id) && !RSP_HAS(&call, deadline_ms);
  call.struct_size = (uint32_t)sizeof call;
  return before && RSP_HAS(&call, deadline_ms);
}
