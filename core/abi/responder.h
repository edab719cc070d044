/* The responder ABI: how a program such as tsunagi-bridge (the host) uses a plugin that answers chats.
 *
 * A plugin is a shared library with one exported function, responder_entry_v0(), that returns a static table. Rules:
 *
 *  1. The major version is in the symbol's name: another major is another symbol. Structs start with struct_size, set
 *     by whoever allocates them to the sizeof of its own header; fields are only ever appended, behind a version fence.
 *     Read a field that is younger than 0.1 only after RSP_HAS(); one that is not there is as good as zero.
 *  2. Fixed-width integers, double and pointers only; every gap is a named reserved field, written as zero and ignored
 *     by readers. Both sides run on a 64-bit platform. Unknown values of kind, code, role, caps and flags must be
 *     tolerated, as their comment says.
 *  3. Strings are {data, len} in UTF-8 unless a comment says bytes; not NUL-ended.
 *  4. OWNERSHIP: everything a function is given is borrowed until it returns: copy what you keep. Whoever allocated a
 *     thing frees it; nothing is ever freed across the border. A function says so where it differs.
 *  5. THREADS: each function has a tag.
 *       [control]     on some thread of the host; create and destroy of one plugin never overlap, whatever the
 *                     instance; other instances of the plugin may be inside [worker] functions meanwhile. No network.
 *       [worker]      blocking, on threads of the host: at most max_concurrency chats at once per instance, and beside
 *                     them one health() or list_models().
 *       [any-thread]  at any time between create and the start of destroy, also while [worker] functions run; must
 *                     not block.
 *     Callbacks (rsp_stream_fn, rsp_model_fn) are called only on the thread that is inside the function they were given
 *     to, and never after it returned.
 *  6. Nothing escapes: no C++ exception, exit(), signal handler, chdir(), setlocale(), umask(), output on stdout.
 *     A plugin is never unloaded while the process lives.
 *  7. Every blocking function has a deadline and watches for its cancellation.
 *
 * While the major is 0 a minor may still break rule 1's "append only"; the host then raises RSP_ABI_OLDEST_MINOR and
 * refuses older plugins with a clear line. From 1.0 on it may not.
 */
#ifndef RESPONDER_H
#define RESPONDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RSP_ABI_MAJOR 0u        /* also in the symbol's name */
#define RSP_ABI_MINOR 1u        /* raised when a field, a value or an extension is added */
#define RSP_ABI_OLDEST_MINOR 1u /* plugins built for an older one are refused */
#define RSP_ENTRY_SYMBOL "responder_entry_v0"

#if defined(__GNUC__)
#define RSP_EXPORT __attribute__((visibility("default")))
#else
#define RSP_EXPORT
#endif

/* May p->f be read? True when whoever allocated *p was built with a header that had f. p must not be NULL. */
#define RSP_HAS(p, f) ((p)->struct_size >= (size_t)((const char*)(&(p)->f + 1) - (const char*)(p)))

typedef struct rsp_str {
  const char* data; /* may be NULL when len is 0 */
  size_t len;
} rsp_str;

/* ---- results: an int32_t code, and an rsp_error for the detail ---- */

#define RSP_OK 0
#define RSP_E_CANCELLED 1    /* cancel() was seen, or the callback said stop */
#define RSP_E_DEADLINE 2     /* call->deadline_ms has passed */
#define RSP_E_INVALID 3      /* can never work: do not retry */
#define RSP_E_UNSUPPORTED 4  /* e.g. an image part for a text-only model */
#define RSP_E_UNAVAILABLE 5  /* backend down or refused: a later retry is fair */
#define RSP_E_RATE_LIMITED 6 /* see retry_after_ms */
#define RSP_E_AUTH 7         /* the backend refuses the key */
#define RSP_E_TOO_LONG 8     /* context window exceeded */
#define RSP_E_BAD_REPLY 9    /* the backend answered something unreadable or cut short */
#define RSP_E_INTERNAL 10    /* readers treat any unknown code as this */

/* The host allocates and zeroes it; the plugin fills it before it returns a code other than RSP_OK. */
typedef struct rsp_error {
  uint32_t struct_size;
  int32_t code;           /* the code that is returned */
  int32_t http_status;    /* of the backend; 0 = none */
  int32_t retry_after_ms; /* 0 = not told */
  char message[256];      /* for the operator; NUL-ended, cut on a character; never a secret or a prompt */
  /* ---- end of 0.1 ---- */
} rsp_error;

/* ---- one call ---- */

/* Given to everything that may block. */
typedef struct rsp_call {
  uint32_t struct_size;
  uint32_t flags; /* none defined; ignore unknown bits */
  /* Never 0, unique for the life of the instance: names the call in cancel(), is_cancelled() and log(). */
  uint64_t call_id;
  int64_t deadline_ms; /* on host->monotonic_ms(); 0 = none */
  /* ---- end of 0.1 ---- */
} rsp_call;

#define RSP_ROLE_SYSTEM 0
#define RSP_ROLE_USER 1
#define RSP_ROLE_ASSISTANT 2
#define RSP_ROLE_TOOL 3 /* reserved: the parts are RSP_PART_TOOL_RESULT. Unknown roles: RSP_E_UNSUPPORTED */

#define RSP_PART_TEXT 0        /* data = text */
#define RSP_PART_IMAGE 1       /* data = bytes of the file, mime = image/... */
#define RSP_PART_AUDIO 2       /* data = bytes of the file, mime = audio/... */
#define RSP_PART_FILE 3        /* data = bytes of the file. Unknown kinds: skip, or RSP_E_UNSUPPORTED */
#define RSP_PART_TOOL_CALL 4   /* reserved: id, name = the tool, data = its arguments as JSON */
#define RSP_PART_TOOL_RESULT 5 /* reserved: id = of the call, data = the result */

typedef struct rsp_part {
  uint32_t struct_size;
  int32_t kind;
  rsp_str id;   /* of a tool call and its result; else empty */
  rsp_str data; /* text in UTF-8, or bytes, by kind */
  rsp_str mime;
  rsp_str name; /* of the file or the tool, from outside: may be empty, is never a path */
  /* ---- end of 0.1 ---- */
} rsp_part;

typedef struct rsp_message {
  uint32_t struct_size;
  int32_t role;
  size_t n_parts;
  const rsp_part* const* parts; /* pointers, so that rsp_part can grow */
  /* ---- end of 0.1 ---- */
} rsp_message;

typedef struct rsp_request {
  uint32_t struct_size;
  uint32_t accept;         /* RSP_ACCEPT(kind) of every event kind the host makes use of */
  rsp_str model;           /* empty = the plugin's default */
  rsp_str conversation_id; /* opaque, stable per chat; for backends that keep sessions */
  size_t n_messages;
  const rsp_message* const* messages; /* oldest first */
  double temperature;                 /* NaN = the backend's default */
  int64_t max_output_tokens;          /* 0 = the backend's default */
  rsp_str options_json;               /* an object to pass through; may be empty */
  /* ---- end of 0.1 ---- */
} rsp_request;

/* ---- what a chat streams back ---- */

#define RSP_EV_TEXT 0      /* text is appended to the answer; any split, but only between whole characters */
#define RSP_EV_REASONING 1 /* text is the model's thinking; the host may drop it */
#define RSP_EV_STATUS 2    /* text such as "loading model"; also a sign of life */
#define RSP_EV_USAGE 3     /* usage is set */
#define RSP_EV_FINISH 4    /* finish is set; exactly once and last, only before returning RSP_OK */
#define RSP_EV_PART 5      /* reserved: part is an image, audio or file of the answer */
#define RSP_EV_TOOL_CALL 6 /* reserved: part is a RSP_PART_TOOL_CALL */
/* The host ignores kinds it does not know, so one may be sent whether accepted or not; accept saves the work. */
#define RSP_ACCEPT(kind) (1u << (kind))

#define RSP_FINISH_STOP 0   /* the model was done; hosts treat unknown values as this */
#define RSP_FINISH_LENGTH 1 /* a limit on tokens cut the answer */
#define RSP_FINISH_FILTER 2 /* the backend withheld the answer or its rest */
#define RSP_FINISH_TOOL 3   /* reserved: tool calls were sent and wait for their results */

typedef struct rsp_usage {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t input_tokens; /* each: -1 = not known */
  int64_t output_tokens;
  int64_t cached_tokens;
  int64_t reasoning_tokens;
  int64_t backend_ms;
  /* ---- end of 0.1 ---- */
} rsp_usage;

typedef struct rsp_event {
  uint32_t struct_size;
  int32_t kind;
  rsp_str text;
  int32_t finish;
  uint32_t reserved;
  const rsp_usage* usage; /* NULL unless kind is RSP_EV_USAGE */
  const rsp_part* part;   /* NULL unless kind is RSP_EV_PART or RSP_EV_TOOL_CALL */
  /* ---- end of 0.1 ---- */
} rsp_event;

/* Of the host; called by the plugin inside chat() (rule 5). May block: that is the back-pressure.
 * Not 0: end soon and return RSP_E_CANCELLED; further events are ignored. */
typedef int32_t (*rsp_stream_fn)(void* ctx, const rsp_event* event);

/* ---- what the host offers ---- */

#define RSP_LOG_DEBUG 0
#define RSP_LOG_INFO 1
#define RSP_LOG_WARN 2
#define RSP_LOG_ERROR 3

/* OWNERSHIP: the host's; valid from the start of create() until destroy() returns, and in between from any thread of
 * the plugin as well: all functions are [any-thread] and cheap. What config_get and secret_get give lives as long. */
typedef struct rsp_host {
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  void* host_data;  /* the host's own */
  rsp_str name;     /* of the host program */
  rsp_str version;  /* of the host program */
  rsp_str instance; /* the operator's name for this instance */
  /* One line, without a line end. call_id 0: belongs to no call. The host escapes, cuts, limits the rate and takes out
   * the instance's secrets; never hand over prompts or answers above RSP_LOG_DEBUG. */
  void (*log)(const struct rsp_host* host, int32_t level, uint64_t call_id, rsp_str message);
  /* Milliseconds on a clock that never jumps: the one of deadline_ms. */
  int64_t (*monotonic_ms)(const struct rsp_host* host);
  /* Not 0 once the call is cancelled or its deadline has passed; it is so before cancel() is called. Poll it in loops.
   * Also 0 for ids that are not known. */
  int32_t (*is_cancelled)(const struct rsp_host* host, uint64_t call_id);
  /* RSP_OK and the value, or RSP_E_UNSUPPORTED when the key is not set and has no default in the plugin's schema.
   * Values were checked against the schema. As text: "true" and "false", decimal numbers, JSON for arrays. */
  int32_t (*config_get)(const struct rsp_host* host, rsp_str key, rsp_str* out);
  /* The same for keys that are writeOnly in the schema. Never log or send them anywhere but to the backend. */
  int32_t (*secret_get)(const struct rsp_host* host, rsp_str key, rsp_str* out);
  /* A table of functions by id and revision, for example "rsp.http/1"; NULL when this host has it not. */
  const void* (*get_extension)(const struct rsp_host* host, const char* id);
  /* ---- end of 0.1 ---- */
} rsp_host;

/* ---- what a plugin offers ---- */

#define RSP_CAP_STREAM 1u      /* text comes in pieces as the model makes it */
#define RSP_CAP_IMAGES 2u      /* takes RSP_PART_IMAGE */
#define RSP_CAP_AUDIO 4u       /* takes RSP_PART_AUDIO */
#define RSP_CAP_SESSIONS 8u    /* keeps history itself, by conversation_id */
#define RSP_CAP_HOST_TOOLS 16u /* the backend can act on the host it runs on: owners only, by default */

/* The host allocates, zeroes and hands over; the plugin fills. */
typedef struct rsp_info {
  uint32_t struct_size;
  uint32_t caps; /* RSP_CAP_* as configured, of those in the table; the table's RSP_CAP_HOST_TOOLS stays in any case */
  uint32_t max_concurrency; /* chats at once; 0 = no limit */
  uint32_t reserved;
  int64_t context_tokens; /* of the default model; 0 = not known */
  /* ---- end of 0.1 ---- */
} rsp_info;

typedef struct rsp_model {
  uint32_t struct_size;
  uint32_t caps;
  rsp_str id;
  rsp_str name;
  int64_t context_tokens; /* 0 = not known */
  int32_t loaded;         /* 1 = in memory, 0 = not, -1 = not known */
  uint32_t reserved;
  /* ---- end of 0.1 ---- */
} rsp_model;

/* Of the host; called by the plugin inside list_models() (rule 5). Not 0: enough. */
typedef int32_t (*rsp_model_fn)(void* ctx, const rsp_model* model);

#define RSP_HEALTH_UNKNOWN 0
#define RSP_HEALTH_READY 1
#define RSP_HEALTH_DOWN 2              /* cannot be reached */
#define RSP_HEALTH_AUTH 3              /* refuses the key */
#define RSP_HEALTH_MODEL_MISSING 4     /* is there, the configured model is not */
#define RSP_HEALTH_ENDPOINT_DISABLED 5 /* is there, the API is switched off */
#define RSP_HEALTH_LOADING 6           /* will be ready by itself */

/* The host allocates, zeroes and hands over; the plugin fills. */
typedef struct rsp_health {
  uint32_t struct_size;
  int32_t state;      /* RSP_HEALTH_*; readers treat unknown values as RSP_HEALTH_UNKNOWN */
  int64_t latency_ms; /* of the backend; -1 = not measured */
  char detail[512];   /* for the operator: what to do; NUL-ended, cut on a character; never a secret */
  /* ---- end of 0.1 ---- */
} rsp_health;

typedef struct rsp_instance rsp_instance; /* the plugin's own */

/* OWNERSHIP: static const data of the plugin; reading it must start nothing. Strings are NUL-ended. */
typedef struct rsp_plugin {
  uint32_t struct_size;
  uint32_t abi_minor;       /* RSP_ABI_MINOR of the header the plugin was built with */
  uint32_t caps;            /* RSP_CAP_*: the most it can have; info() says what an instance has */
  uint32_t max_concurrency; /* per instance; 0 = no limit */
  const char* id;           /* required: "org.example.echo", of [a-z0-9._-], at most 64 */
  const char* name;         /* required */
  const char* version;      /* required */
  const char* vendor;       /* these two may be NULL */
  const char* description;
  /* JSON Schema of the keys it takes, NULL for none: an object with properties of type string, boolean, integer, number
   * or array of string, with default, enum, minimum, maximum, minLength, maxLength, required and description; writeOnly
   * marks a secret. Other keys are an error of the operator, reported by the host before create(). */
  const char* config_schema_json;

  /* [control] required. RSP_OK and *out, or an error that says which setting is wrong; nothing stays behind then. */
  int32_t (*create)(const rsp_host* host, rsp_instance** out, rsp_error* err);
  /* [control] required. No call runs and none begins; no cancel() after it has begun. Joins every thread it started. */
  void (*destroy)(rsp_instance* instance);
  /* [worker] required. Streams the answer, ends with RSP_EV_FINISH and RSP_OK, or returns an error (text streamed until
   * then is part of an unfinished answer). */
  int32_t (*chat)(rsp_instance* instance, const rsp_call* call, const rsp_request* request, rsp_stream_fn stream,
                  void* ctx, rsp_error* err);
  /* [any-thread] required. Wakes a call of a [worker] function; an id that is unknown or finished is a no-op. May come
   * just before the function is entered: look at is_cancelled() before the first wait. */
  void (*cancel)(rsp_instance* instance, uint64_t call_id);
  /* [worker] may be NULL. RSP_OK when the state could be told, whatever it is. */
  int32_t (*health)(rsp_instance* instance, const rsp_call* call, rsp_health* out, rsp_error* err);
  /* [worker] may be NULL. */
  int32_t (*list_models)(rsp_instance* instance, const rsp_call* call, rsp_model_fn each, void* ctx, rsp_error* err);
  /* [any-thread] may be NULL: then caps and max_concurrency above hold. Asked after create() and after health(). */
  int32_t (*info)(rsp_instance* instance, rsp_info* out);
  /* [any-thread] may be NULL, also before create(). A table of functions by id and revision, or NULL. */
  const void* (*get_extension)(const char* id);
  /* ---- end of 0.1 ---- */
} rsp_plugin;

/* The one symbol a plugin exports. [any-thread], no side effects, the same answer each time. host_abi_minor lets a
 * plugin return NULL when it cannot serve so old a host. */
typedef const rsp_plugin* (*rsp_entry_fn)(uint32_t host_abi_minor);
RSP_EXPORT const rsp_plugin* responder_entry_v0(uint32_t host_abi_minor);

#ifdef __cplusplus
}
#endif
#endif
