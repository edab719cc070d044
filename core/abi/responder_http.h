/* Extension "rsp.http/1" of the responder ABI: HTTP calls that the host makes for a plugin.
 *
 * A plugin gets the table by host->get_extension(host, RSP_HTTP_ID), in create() or later. The host reaches nothing but
 * what stands under the instance's own base URLs (settings that the plugin's schema marks with "format": "uri"), adds
 * the instance's secrets itself, follows no redirect, uses no proxy variable and speaks HTTP/1.1 on a fresh connection
 * for each call. The rules of responder.h hold here as well.
 */
#ifndef RESPONDER_HTTP_H
#define RESPONDER_HTTP_H

#include "responder.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RSP_HTTP_ID "rsp.http/1"

/* One header field. Of this size for ever. */
typedef struct rsp_http_field {
  rsp_str name;
  rsp_str value;
} rsp_http_field;

typedef struct rsp_http_request {
  uint32_t struct_size;
  uint32_t flags; /* none defined; write 0 */
  rsp_str method; /* "GET", "POST" ... */
  /* Absolute, http or https. Refused (RSP_E_INVALID) unless scheme, host and port are those of a base URL and its path
   * is that one's or below it; also with user info, a fragment, ".." or an encoded slash. */
  rsp_str url;
  /* The instance's secret setting that authorises the call; empty: none. Not set by the operator: nothing is added. */
  rsp_str secret;
  /* The field that carries it, bare; empty: "Authorization: Bearer <secret>". */
  rsp_str secret_header;
  /* Host, Content-Length, Connection, Accept-Encoding, credentials and forwarding fields are refused here. */
  size_t n_fields;
  const rsp_http_field* fields;
  rsp_str body;
  int64_t connect_ms; /* name look-up, TCP and TLS; 0 = 10 s */
  int64_t idle_ms;    /* without a byte in either direction, once connected; 0 = no limit */
  int64_t max_body;   /* bytes of the answer; 0 = 16 MiB */
  /* ---- end of /1 ---- */
} rsp_http_request;

/* The host fills it, also when the call failed. */
typedef struct rsp_http_result {
  uint32_t struct_size;
  int32_t sent;   /* 0: no byte of the request left this host, so that it may be repeated safely */
  int32_t status; /* of the head that came; 0: none */
  uint32_t reserved;
  int64_t elapsed_ms;
  /* ---- end of /1 ---- */
} rsp_http_result;

/* Of the plugin; called by the host on the thread that is inside send(), never after it returned. Not 0: stop, the
 * connection is closed. What they are given is borrowed. head comes once, before the first body. */
typedef int32_t (*rsp_http_head_fn)(void* ctx, int32_t status, size_t n_fields, const rsp_http_field* fields);
typedef int32_t (*rsp_http_body_fn)(void* ctx, rsp_str bytes);

typedef struct rsp_http {
  uint32_t struct_size;
  uint32_t reserved;
  /* Only inside a [worker] function, with the rsp_call it was given: the call ends with it, at the latest at its
   * deadline. head and body may be NULL. RSP_OK: a whole response, whatever its status. RSP_E_CANCELLED: the call was
   * cancelled, or a callback said stop. RSP_E_DEADLINE: the call's deadline. RSP_E_UNAVAILABLE: not reached, or the
   * connection ended without an answer. RSP_E_BAD_REPLY: the answer was cut short, too big or no HTTP. RSP_E_INVALID:
   * the request is not allowed. */
  int32_t (*send)(const rsp_host* host, const rsp_call* call, const rsp_http_request* request, rsp_http_head_fn head,
                  rsp_http_body_fn body, void* ctx, rsp_http_result* result, rsp_error* error);
  /* ---- end of /1 ---- */
} rsp_http;

#ifdef __cplusplus
}
#endif
#endif
