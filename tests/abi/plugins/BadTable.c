// Libraries the loader must refuse, one per CASE_*; and one it must take although its table is larger than known.
#include "abi/responder.h"

static int32_t create(const rsp_host* host, rsp_instance** out, rsp_error* err) {
  (void)host, (void)err;
  *out = (rsp_instance*)(void*)out;
  return RSP_OK;
}
static void destroy(rsp_instance* instance) { (void)instance; }
static int32_t chat(rsp_instance* instance, const rsp_call* call, const rsp_request* request, rsp_stream_fn stream,
                    void* ctx, rsp_error* err) {
  (void)instance, (void)call, (void)request, (void)err;
  const rsp_event finish = {.struct_size = sizeof finish, .kind = RSP_EV_FINISH};
  stream(ctx, &finish);
  return RSP_OK;
}
static void cancel(rsp_instance* instance, uint64_t call_id) { (void)instance, (void)call_id; }

static const struct {
  rsp_plugin table;
  const void* later[8];
} whole = {.table = {
#if defined(CASE_SMALL_TABLE)
               .struct_size = offsetof(rsp_plugin, chat),
#elif defined(CASE_LARGE_TABLE)
               .struct_size = sizeof whole,
#else
               .struct_size = sizeof(rsp_plugin),
#endif
#if defined(CASE_OLD_MINOR)
               .abi_minor = 0,
#elif defined(CASE_LARGE_TABLE)
               .abi_minor = RSP_ABI_MINOR + 7,
#else
               .abi_minor = RSP_ABI_MINOR,
#endif
#if defined(CASE_BAD_ID)
               .id = "Org Example",
#else
               .id = "org.example.case",
#endif
               .name = "Case",
               .version = "1",
#if defined(CASE_BAD_SCHEMA)
               .config_schema_json = "{\"type\":\"object\",\"properties\":{\"depth\":{\"type\":\"object\"}}}",
#endif
               .create = create,
               .destroy = destroy,
#if !defined(CASE_LACKS_CALLBACKS)
               .chat = chat,
               .cancel = cancel
#endif
           }};

#if defined(CASE_OTHER_MAJOR)
RSP_EXPORT const rsp_plugin* responder_entry_v7(uint32_t host_abi_minor);
const rsp_plugin* responder_entry_v7(uint32_t host_abi_minor) {
#elif defined(CASE_NO_ENTRY)
RSP_EXPORT const rsp_plugin* something_else(uint32_t host_abi_minor);
const rsp_plugin* something_else(uint32_t host_abi_minor) {
#else
const rsp_plugin* responder_entry_v0(uint32_t host_abi_minor) {
#endif
  (void)host_abi_minor, (void)create, (void)destroy, (void)chat, (void)cancel;
#if defined(CASE_NULL_TABLE)
  return whole.table.id == NULL ? &whole.table : NULL;
#else
  return &whole.table;
#endif
}
