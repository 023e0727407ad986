/* atmn.h - the C face of libatmn. Written by `make generate`; do not edit.
 *
 * Log in to Autumn, keep its API keys in `.env`, call its API.
 *
 * # Rules
 *
 * Codes. What can fail returns an `atmn_code`; `ATMN_OK` is 0. Its last parameter, `atmn_error **`, may be NULL;
 * otherwise an error is written there on failure, and only then, and you free it with `atmn_error_free`. Results are
 * written on success only: on failure, `*out` is what it was.
 *
 * Owners. What you are given as `T **` is yours: free it with T's one free function, for which NULL is fine. A
 * `const T *` or `const char *` that comes back is lent: it lives until the object that it was asked of is freed, or,
 * in a callback, until you return. Whatever you pass is copied if it is needed for longer than the call.
 *
 * NULL. A NULL that is not allowed is `ATMN_NULL_ARGUMENT` where there is a code; a getter that is asked of NULL
 * answers NULL or 0. Where NULL means something, it says so.
 *
 * Texts are UTF-8 and end with a NUL; anything else is `ATMN_NOT_UTF8`. Paths are the system's own bytes.
 *
 * Numbers. Enumerations are `int32_t`; 0 means "none" or "not set", and any number without a name is
 * `ATMN_INVALID_ARGUMENT`. Their names are macros, so `#ifdef ATMN_…` tells whether a header knows one. Flags are 0 or
 * 1, and any other number counts as 1.
 *
 * Time. What is called `…_ms` is milliseconds; a point in time is milliseconds since 1970, UTC.
 *
 * Threads. Different objects may be used by different threads at once. Clients, cancellers, and options that nobody
 * sets meanwhile may be used by any number of threads at once; of an attempt, `atmn_attempt_submit`,
 * `atmn_attempt_cancel` and the getters. Nobody may use what somebody else frees.
 *
 * Callbacks run on the thread that made the call, while it waits; no other thread ever enters your program. A
 * callback must return: no `longjmp`, no exception. Calls that wait do not belong in an event callback; they may be
 * refused there (`ATMN_INVALID_ARGUMENT`).
 *
 * Waiting. Every wait has a limit of time and can be cancelled from another thread or a signal handler.
 *
 * Leaving nothing. The library prints nothing, installs no signal handler, never exits and changes no environment
 * variable. No call leaves a thread, an open file or a socket behind, except a name lookup that the system has not
 * returned. A defect in the library is caught and reported as `ATMN_PANIC`; running out of memory ends the process.
 *
 * Versions. Functions, macros and numbers are only ever added. What would break a linked program raises the number
 * in the library's name (`libatmn.so.0`) and in `ATMN_ABI_VERSION`.
 */

#ifndef ATMN_H
#define ATMN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions ---------------------------------------------------------------------------------------------------- */

/** What a program was compiled for; see `atmn_abi_version`. */
#define ATMN_ABI_VERSION 0

/**
 * What the library is; a program compiled for another one must not use it. The number is also in the name of the shared
 * library, so the system's loader sees to it; ask where you load it yourself.
 */
uint32_t atmn_abi_version(void);

/** The release, such as "0.1.0". Static. */
const char *atmn_version(void);

/* ---- Codes and errors -------------------------------------------------------------------------------------------- */

/** A failure: what happened, what to do, and what it is about. It never holds a secret. */
typedef struct atmn_error atmn_error;

/**
 * What a call came to: `ATMN_OK` or one of the codes below.
 *
 * 1–99 arguments and the call itself · 100–199 logging in · 200–299 keys · 300–399 files · 400–499 network and API ·
 * 500–599 the answers to requests without a good key. Later releases may answer with further codes.
 */
typedef int32_t atmn_code;
/** It worked. */
#define ATMN_OK 0
/** A pointer that must not be NULL was NULL (C only). */
#define ATMN_NULL_ARGUMENT 1
/** A text was not valid UTF-8. */
#define ATMN_NOT_UTF8 2
/** An argument or option has a value that cannot be used; the context names it. */
#define ATMN_INVALID_ARGUMENT 3
/** The caller cancelled the call. */
#define ATMN_CANCELLED 4
/** The deadline passed. */
#define ATMN_TIMED_OUT 5
/** A defect in libatmn was caught before it reached the caller. */
#define ATMN_PANIC 6
/** The object is in use by another call. */
#define ATMN_BUSY 7
/** None of the callback ports is free. */
#define ATMN_PORTS_IN_USE 100
/** The person, or the server, said no. */
#define ATMN_LOGIN_DENIED 101
/** A login would be needed, and nobody could see its address. */
#define ATMN_LOGIN_UNATTENDED 102
/** The answer belongs to another login. */
#define ATMN_STATE_MISMATCH 103
/** The server refused to exchange the code. */
#define ATMN_EXCHANGE_REFUSED 104
/** The server's answer to the exchange could not be understood. */
#define ATMN_EXCHANGE_UNREADABLE 105
/** The keys that the server sent cannot be used. */
#define ATMN_KEYS_REFUSED 106
/** The call needs a login that it was not allowed to make. */
#define ATMN_LOGIN_NEEDED 108
/** There is no login waiting to be completed. */
#define ATMN_NO_PENDING_LOGIN 109
/** No key was found in any place. */
#define ATMN_KEY_NOT_FOUND 200
/** The text found is not an Autumn key. */
#define ATMN_MALFORMED_KEY 201
/** A publishable key stands where a secret key belongs. */
#define ATMN_WRONG_KEY_KIND 202
/** The key belongs to the other environment. */
#define ATMN_WRONG_ENVIRONMENT 203
/** The file that a `…_FILE` variable names cannot be used. */
#define ATMN_KEY_FILE_UNREADABLE 204
/** A file could not be read. */
#define ATMN_FILE_UNREADABLE 300
/** A file could not be written. */
#define ATMN_FILE_UNWRITABLE 301
/** The file is tracked by git, so a secret in it would be committed. */
#define ATMN_ENV_FILE_TRACKED 302
/** Somebody else kept the file busy for too long. */
#define ATMN_FILE_LOCKED 303
/** The file cannot be replaced in one step, so it was not touched. */
#define ATMN_ENV_FILE_NOT_REPLACEABLE 304
/** The file, or the folder it lies in, can be changed by somebody else. */
#define ATMN_FILE_UNTRUSTED 305
/** There is no room left on the disk. */
#define ATMN_DISK_FULL 306
/** The path leads to something that is not a regular file. */
#define ATMN_NOT_A_FILE 307
/** A symbolic link leads to nothing, or to a place where keys do not belong. */
#define ATMN_LINK_REFUSED 308
/** The server could not be reached. */
#define ATMN_CONNECT_FAILED 400
/** No secure connection could be made. */
#define ATMN_TLS_FAILED 401
/** The server answered with a failure. */
#define ATMN_API_ERROR 402
/** The server rejected the key. */
#define ATMN_UNAUTHORIZED 403
/** The login was for another organization than the one expected. */
#define ATMN_ORGANIZATION_CHANGED 404
/** The server's name could not be resolved. */
#define ATMN_RESOLVE_FAILED 405
/** The proxy refused or failed. */
#define ATMN_PROXY_FAILED 406
/** The server did not answer in time. */
#define ATMN_REQUEST_TIMED_OUT 407
/** The answer was larger than allowed. */
#define ATMN_RESPONSE_TOO_LARGE 408
/** The connection ended before the whole answer was there; the request may have arrived. */
#define ATMN_CONNECTION_LOST 409
/** The answer is not what this server would say; the request may have arrived. */
#define ATMN_RESPONSE_UNREADABLE 410
/** The request carries no secret key. */
#define ATMN_NO_SECRET_KEY 500
/** The secret key is not known. */
#define ATMN_INVALID_SECRET_KEY 501
/** The Authorization header is not `Bearer <key>`. */
#define ATMN_INVALID_AUTH_HEADER 502
/** The request carries no publishable key. */
#define ATMN_NO_PUBLISHABLE_KEY 503
/** The publishable key is not known. */
#define ATMN_INVALID_PUBLISHABLE_KEY 504
/** A publishable key may not be used for this endpoint. */
#define ATMN_ENDPOINT_NOT_PUBLIC 505
/** The secret key could not be checked. */
#define ATMN_FAILED_TO_VERIFY_SECRET_KEY 506
/** The publishable key could not be checked. */
#define ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY 507

/**
 * The name of a code, as the other languages and `atmn --json` show it: "key_not_found". Static; "ok" for `ATMN_OK`,
 * "unknown" for a number that is none.
 */
const char *atmn_code_name(atmn_code code);

/** The code that the call returned. */
atmn_code atmn_error_code(const atmn_error *error);

/** One sentence on what happened. */
const char *atmn_error_message(const atmn_error *error);

/** What to do about it, or NULL. */
const char *atmn_error_hint(const atmn_error *error);

/**
 * What it is about: "path", "line", "variable", "option", "url", "api_code", "env", "request_id" and others; NULL if
 * this error has no such part.
 */
const char *atmn_error_context(const atmn_error *error, const char *name);

/** How many parts there are. */
size_t atmn_error_context_count(const atmn_error *error);

/** The name of a part, counted from 0; NULL beyond the end. */
const char *atmn_error_context_name(const atmn_error *error, size_t index);

/** The reason behind it, in the words of whoever gave it, or NULL. */
const char *atmn_error_cause(const atmn_error *error);

/** The HTTP status, where there was or should be one; else 0. */
int32_t atmn_error_status(const atmn_error *error);

/** For the codes from 500 to 599, the answer as JSON: `{"message", "code", "env"}`; else NULL. */
const char *atmn_error_body(const atmn_error *error);

/** Frees an error. */
void atmn_error_free(atmn_error *error);

/* ---- Keys -------------------------------------------------------------------------------------------------------- */

/** A key. Always lent. */
typedef struct atmn_key atmn_key;

/** What a key may do. */
typedef int32_t atmn_kind;
/** `am_sk_…`: everything, from a server. */
#define ATMN_KIND_SECRET 1
/** `am_pk_…`: four endpoints, from anywhere. */
#define ATMN_KIND_PUBLISHABLE 2

/** Which data a key reaches. */
typedef int32_t atmn_environment;
/** `…_test_…`: for development and testing. */
#define ATMN_ENVIRONMENT_SANDBOX 1
/** `…_live_…`: real customers. */
#define ATMN_ENVIRONMENT_LIVE 2

/** The name of a kind: "secret", "publishable". Static; "unknown" for a number that is none. */
const char *atmn_kind_name(atmn_kind kind);

/** The name of an environment: "sandbox", "live". Static; "unknown" for a number that is none. */
const char *atmn_environment_name(atmn_environment environment);

/**
 * Tells kind and environment of a key from its text alone. A text that is no key is no failure: both are 0.
 *
 * A key is one of the four prefixes (`am_sk_test_`, `am_sk_live_`, `am_pk_test_`, `am_pk_live_`) and 1 to 256
 * characters of `[A-Za-z0-9_-]`, nothing before, nothing behind.
 *
 * ```c
 * atmn_kind kind;
 * atmn_environment environment;
 * if (atmn_classify_key("am_pk_live_example", &kind, &environment, NULL) == ATMN_OK && kind != 0) {
 *     printf("%s %s\n", atmn_kind_name(kind), atmn_environment_name(environment));
 * }
 * ```
 *
 * Codes: `ATMN_NULL_ARGUMENT`, `ATMN_NOT_UTF8`.
 */
atmn_code atmn_classify_key(const char *text, atmn_kind *kind, atmn_environment *environment, atmn_error **error);

/**
 * THE SECRET ITSELF: whoever asks for it takes over the duty not to print it. It is overwritten when its owner is
 * freed.
 */
const char *atmn_key_reveal(const atmn_key *key);

/** For people: "am_sk_test_…a1b2". */
const char *atmn_key_masked(const atmn_key *key);

/** What it may do. */
atmn_kind atmn_key_kind(const atmn_key *key);

/** Which data it reaches. */
atmn_environment atmn_key_environment(const atmn_key *key);

/* ---- Events ------------------------------------------------------------------------------------------------------ */

/** The address to log in at; comes before any browser is tried. */
#define ATMN_EVENT_LOGIN_URL 1
/** A browser was started. */
#define ATMN_EVENT_BROWSER_OPENED 2
/** No browser could be started; the address still works. */
#define ATMN_EVENT_BROWSER_FAILED 3
/** The one piece of advice that fits these surroundings. */
#define ATMN_EVENT_HINT 4
/** The browser came back with the answer. */
#define ATMN_EVENT_CALLBACK_RECEIVED 5
/** The server sent the keys. */
#define ATMN_EVENT_KEYS_RECEIVED 6
/** The keys are in `.env`. */
#define ATMN_EVENT_KEYS_SAVED 7
/** A request is made again after a pause. */
#define ATMN_EVENT_RETRYING 20
/** The server rejected the key. */
#define ATMN_EVENT_KEY_REJECTED 21
/** Somebody else's login is under way; its result will be used. */
#define ATMN_EVENT_LOGIN_WAITING 22
/** The request was made again with the new key. */
#define ATMN_EVENT_REQUEST_REPEATED 23
/** A request that came in was refused. */
#define ATMN_EVENT_REQUEST_REFUSED 40

/** One thing that happened during a call. Always lent, until the callback returns. It never holds a secret. */
typedef struct atmn_event atmn_event;

/** Hears the events of a call, on the thread that made it. 0: go on; anything else cancels the call. */
typedef int32_t (*atmn_event_callback)(void *user_data, const atmn_event *event);

/** What happened: one of `ATMN_EVENT_…`, or a number that a later release added. */
int32_t atmn_event_code(const atmn_event *event);

/**
 * The name of an event, as the other languages and `atmn --json` show it: "login_url". Static; "unknown" for a number
 * that is none.
 */
const char *atmn_event_name(int32_t code);

/** Ready to print. That of `ATMN_EVENT_LOGIN_URL` holds the address. */
const char *atmn_event_message(const atmn_event *event);

/**
 * A part of the message: "url", "port", "deadline", "path", "program" and others; NULL if this event has no such part.
 */
const char *atmn_event_context(const atmn_event *event, const char *name);

/** How many parts there are. */
size_t atmn_event_context_count(const atmn_event *event);

/** The name of a part, counted from 0; NULL beyond the end. */
const char *atmn_event_context_name(const atmn_event *event, size_t index);

/**
 * A ready-made callback for programs in a terminal: prints each event to stderr as one plain line. `user_data` is not looked at.
 */
int32_t atmn_terminal_listener(void *user_data,
                               const atmn_event *event);

/* ---- Cancelling a call that waits -------------------------------------------------------------------------------- */

/** A flag that ends the calls it was given to. Once set, it stays set. It must live until those calls have returned. */
typedef struct atmn_canceller atmn_canceller;

/** A flag that is not set. Free it with `atmn_canceller_free`. */
atmn_canceller *atmn_canceller_new(void);

/**
 * Sets the flag, and does nothing else: any thread and any signal handler may. The call returns `ATMN_CANCELLED` within
 * about 50 milliseconds, its port free.
 */
void atmn_canceller_cancel(atmn_canceller *canceller);

/** Frees a canceller. */
void atmn_canceller_free(atmn_canceller *canceller);

/* ---- Options: one type for every call ---------------------------------------------------------------------------- */

/**
 * Settings of a call. Where options are asked for, NULL stands for all defaults.
 *
 * A setter copies and never fails: a value that cannot be used is reported by the call that reads it
 * (`ATMN_INVALID_ARGUMENT` or `ATMN_NOT_UTF8`, with the setting's name in the context "option", such as
 * "login_timeout_ms"). A setting that a call does not read is ignored by it. A text that is set to NULL is not set.
 */
typedef struct atmn_options atmn_options;

/** What to do about a `.env` that git would commit. */
typedef int32_t atmn_gitignore;
/** Add `/.env` to the `.gitignore` beside a file that is created. */
#define ATMN_GITIGNORE_ADD 1
/** Only report it. */
#define ATMN_GITIGNORE_NEVER 2

/** Whether a rejected key may lead to a login. */
typedef int32_t atmn_reauth;
/** Never: the call fails with `ATMN_LOGIN_NEEDED`. */
#define ATMN_REAUTH_NEVER 1
/** Where a person is likely to be there, and the server is Autumn's own. */
#define ATMN_REAUTH_AUTO 2
/** Always, if there is a callback that could show the address. */
#define ATMN_REAUTH_ALWAYS 3

/** What requests a program accepts. */
typedef int32_t atmn_accepts;
/** Secret keys, publishable keys on their four endpoints, and dashboard sessions. */
#define ATMN_ACCEPTS_ANY 1
/** Publishable keys on their four endpoints, and nothing else. */
#define ATMN_ACCEPTS_PUBLISHABLE_ONLY 2

/** All defaults. Free them with `atmn_options_free`. */
atmn_options *atmn_options_new(void);

/**
 * Where the API is: "cloud", "local", or a base address such as `https://api.example.com`. Default: what
 * `ATMN_BACKEND_URL` in the process environment names, then the cloud. Read by logins, whoami, logout and clients.
 */
void atmn_options_set_server(atmn_options *options, const char *server);

/**
 * The environment wanted. Default 0: whatever `AUTUMN_SECRET_KEY` holds. Read by resolve, explain, whoami and clients.
 */
void atmn_options_set_environment(atmn_options *options, atmn_environment environment);

/** The directory whose `.env` is meant, and where the walk begins. Default: the working directory. Read by all. */
void atmn_options_set_directory(atmn_options *options, const char *path);

/**
 * Where the walk through the parent directories ends: "repository", "filesystem" (its root), or a directory. Default:
 * "filesystem". Read by resolve, explain, whoami and clients.
 */
void atmn_options_set_boundary(atmn_options *options, const char *boundary);

/**
 * A key that the program has already; it comes before every other place. Default: none, and an empty text is none. Read
 * by resolve, explain, whoami and clients.
 */
void atmn_options_set_key(atmn_options *options, const char *key);

/** How long each try of a request may take, in milliseconds. Default: 30000. Read by whoami and clients. */
void atmn_options_set_timeout_ms(atmn_options *options, int64_t timeout_ms);

/** How long a person may take to log in, in milliseconds. Default: 300000, five minutes. Read by logins and clients. */
void atmn_options_set_login_timeout_ms(atmn_options *options, int64_t timeout_ms);

/** Whether a login opens the browser. Default 1; the address is an event in any case. Read by logins and clients. */
void atmn_options_set_open_browser(atmn_options *options, int32_t yes);

/** Whether to log in although the keys in the file still work. Default 0. Read by `atmn_login` and `atmn_start_login`. */
void atmn_options_set_force(atmn_options *options, int32_t yes);

/** Whether a login saves the sandbox key only. Default 0: both. Read by logins. */
void atmn_options_set_sandbox_only(atmn_options *options, int32_t yes);

/** Whether keys are saved in a file that git tracks. Default 0: `ATMN_ENV_FILE_TRACKED`. Read by logins and save. */
void atmn_options_set_allow_tracked(atmn_options *options, int32_t yes);

/** What to do if git would commit a file that is created. Default: `ATMN_GITIGNORE_ADD`. Read by logins and save. */
void atmn_options_set_gitignore(atmn_options *options, atmn_gitignore gitignore);

/** How large an answer may be, in bytes after decompression. Default: 64 MiB. Read by clients. */
void atmn_options_set_response_limit(atmn_options *options, size_t bytes);

/** Whether a rejected key may lead to a login. Default: `ATMN_REAUTH_NEVER`. Read by clients. */
void atmn_options_set_reauth(atmn_options *options, atmn_reauth reauth);

/**
 * The organization expected, by id or short name: keys of another one are not saved (`ATMN_ORGANIZATION_CHANGED`).
 * Default: any. Read by logins and clients.
 */
void atmn_options_set_organization(atmn_options *options, const char *organization);

/** What the endpoint that was asked for accepts. Default: `ATMN_ACCEPTS_ANY`. Read by `atmn_authenticate`. */
void atmn_options_set_accepts(atmn_options *options, atmn_accepts accepts);

/**
 * Who hears events, and what the callback gets as its `user_data`. Default NULL: nobody. Read by logins, clients and
 * `atmn_authenticate`.
 */
void atmn_options_set_on_event(atmn_options *options, atmn_event_callback callback, void *user_data);

/** Frees options. Objects made with them keep what they need. */
void atmn_options_free(atmn_options *options);

/* ---- Places ------------------------------------------------------------------------------------------------------ */

/** A place where a key is, was, or could have been. Always lent. */
typedef struct atmn_location atmn_location;

/** A list of places. */
typedef struct atmn_locations atmn_locations;

/** What kind of place it is. */
typedef int32_t atmn_origin;
/** The caller passed the key. */
#define ATMN_ORIGIN_ARGUMENT 1
/** A variable of the process. */
#define ATMN_ORIGIN_PROCESS 2
/** The file that a `…_FILE` variable of the process names. */
#define ATMN_ORIGIN_SECRET_FILE 3
/** A `.env.local` or `.env` file. */
#define ATMN_ORIGIN_ENV_FILE 4

/** What became of a place. */
typedef int32_t atmn_outcome;
/** Its key is the one in force. */
#define ATMN_OUTCOME_USED 1
/** It does not have the variable. */
#define ATMN_OUTCOME_ABSENT 2
/** Its value is empty, which counts as absent. */
#define ATMN_OUTCOME_EMPTY 3
/** A nearer place was used. */
#define ATMN_OUTCOME_SHADOWED 4
/** It comes first, and what it holds cannot be used. */
#define ATMN_OUTCOME_REFUSED 5
/** It was passed over. */
#define ATMN_OUTCOME_SKIPPED 6
/** Its key was taken out. */
#define ATMN_OUTCOME_REMOVED 7

/**
 * The name of an origin: "argument", "process", "secret_file", "env_file". Static; "unknown" for a number that is none.
 */
const char *atmn_origin_name(atmn_origin origin);

/** The name of an outcome: "used", "absent" and so on. Static; "unknown" for a number that is none. */
const char *atmn_outcome_name(atmn_outcome outcome);

/** What kind of place it is. */
atmn_origin atmn_location_origin(const atmn_location *location);

/** The variable looked for; NULL for an argument, or for a file that could not be read at all. */
const char *atmn_location_variable(const atmn_location *location);

/** The file, or NULL. */
const char *atmn_location_path(const atmn_location *location);

/** The line in it, from 1; 0 if there is none. */
uint32_t atmn_location_line(const atmn_location *location);

/** What became of it. */
atmn_outcome atmn_location_outcome(const atmn_location *location);

/** The key it holds, as "am_sk_test_…a1b2", or NULL. */
const char *atmn_location_masked(const atmn_location *location);

/** Why it was refused or skipped, completing "it …", or NULL. */
const char *atmn_location_reason(const atmn_location *location);

/** Ready to print, as part of a sentence: "AUTUMN_SECRET_KEY in /srv/app/.env, line 3". */
const char *atmn_location_text(const atmn_location *location);

/** How many places are in a list. */
size_t atmn_locations_count(const atmn_locations *locations);

/** A place of a list, counted from 0; NULL beyond the end. */
const atmn_location *atmn_locations_get(const atmn_locations *locations, size_t index);

/** Frees a list that was given, as by `atmn_explain_key`; not one that is lent. */
void atmn_locations_free(atmn_locations *locations);

/* ---- Finding the key in force ------------------------------------------------------------------------------------ */

/** A key, and how it was found. */
typedef struct atmn_resolved_key atmn_resolved_key;

/**
 * Finds the key in force: the option "key", the process variable, the file named by `<VARIABLE>_FILE`, then
 * `.env.local` and `.env` in the directory and each of its parents. The nearest place that has the variable wins; an
 * empty value counts as absent. Nothing is asked of the network.
 *
 * Asked for the sandbox or for no environment, the variable is `AUTUMN_SECRET_KEY`; for the live environment it is
 * `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if that holds a live key. A key of another environment than the
 * one asked for is never handed out.
 *
 * ```c
 * atmn_resolved_key *found = NULL;
 * atmn_error *error = NULL;
 * if (atmn_resolve_key(NULL, &found, &error) == ATMN_OK) {
 *     const atmn_key *key = atmn_resolved_key_key(found);
 *     printf("%s from %s\n", atmn_key_masked(key), atmn_location_text(atmn_resolved_key_source(found)));
 * } else {
 *     fprintf(stderr, "%s\n", atmn_error_message(error));
 * }
 * atmn_resolved_key_free(found);
 * atmn_error_free(error);
 * ```
 *
 * Codes: `ATMN_KEY_NOT_FOUND`; `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`, `ATMN_WRONG_ENVIRONMENT` where the nearest
 * place holds something else (context "variable", "path", "line"); `ATMN_KEY_FILE_UNREADABLE`; `ATMN_INVALID_ARGUMENT`.
 */
atmn_code atmn_resolve_key(const atmn_options *options, atmn_resolved_key **out, atmn_error **error);

/** The key. */
const atmn_key *atmn_resolved_key_key(const atmn_resolved_key *resolved);

/** The place it came from. */
const atmn_location *atmn_resolved_key_source(const atmn_resolved_key *resolved);

/** Places that were passed over although they may hold a key. */
const atmn_locations *atmn_resolved_key_skipped(const atmn_resolved_key *resolved);

/** Frees a resolved key, and overwrites its text. */
void atmn_resolved_key_free(atmn_resolved_key *resolved);

/**
 * Lists every place that `atmn_resolve_key` would look at, in its order, with what became of it. Free the list with
 * `atmn_locations_free`.
 *
 * Codes: `ATMN_INVALID_ARGUMENT`; whatever is wrong with a place is said by the place.
 */
atmn_code atmn_explain_key(const atmn_options *options, atmn_locations **out, atmn_error **error);

/* ---- Saving keys ------------------------------------------------------------------------------------------------- */

/** What was saved. */
typedef struct atmn_save_result atmn_save_result;

/** What git thinks of a file. */
typedef int32_t atmn_git;
/** The file lies in no work tree. */
#define ATMN_GIT_NONE 1
/** It is ignored. */
#define ATMN_GIT_IGNORED 2
/** It is ignored now: a line was added to `.gitignore`. */
#define ATMN_GIT_ADDED 3
/** It is not ignored: the next `git add .` takes it along. */
#define ATMN_GIT_NOT_IGNORED 4
/** It is tracked: the next commit takes it along. */
#define ATMN_GIT_TRACKED 5
/** There is a work tree, and git could not be asked. */
#define ATMN_GIT_UNKNOWN 6

/**
 * The name of what git thinks: "none", "ignored" and so on. Static; "unknown" for `ATMN_GIT_UNKNOWN` and for a number
 * that is none.
 */
const char *atmn_git_name(atmn_git git);

/**
 * Saves one secret key, or a sandbox and a live key in one step, in the `.env` of the directory: the sandbox key as
 * `AUTUMN_SECRET_KEY`, the live key as `AUTUMN_PROD_SECRET_KEY`. `keys` points to `count` texts.
 *
 * All else in the file stays byte for byte, and on any failure all of it. A file that is created belongs to its owner
 * only (0600).
 *
 * ```c
 * const char *keys[] = {"am_sk_test_0123456789ab"};
 * atmn_save_result *saved = NULL;
 * if (atmn_save_keys(NULL, keys, 1, &saved, NULL) == ATMN_OK) {
 *     const atmn_locations *nearer = atmn_save_result_shadowed_by(saved);
 *     printf("saved in %s\n", atmn_save_result_path(saved));
 *     if (atmn_locations_count(nearer) > 0)
 *         printf("not in force: first comes %s\n", atmn_location_text(atmn_locations_get(nearer, 0)));
 * }
 * atmn_save_result_free(saved);
 * ```
 *
 * Codes: `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`; `ATMN_ENV_FILE_TRACKED`; `ATMN_FILE_UNTRUSTED`,
 * `ATMN_NOT_A_FILE`, `ATMN_LINK_REFUSED`, `ATMN_FILE_UNREADABLE`: what stands there is not ours to edit;
 * `ATMN_FILE_UNWRITABLE`, `ATMN_DISK_FULL`, `ATMN_ENV_FILE_NOT_REPLACEABLE`, `ATMN_FILE_LOCKED`;
 * `ATMN_INVALID_ARGUMENT`: no key, two of one environment, or an option.
 */
atmn_code atmn_save_keys(const atmn_options *options,
                         const char *const *keys,
                         size_t count,
                         atmn_save_result **out,
                         atmn_error **error);

/** The file that holds the keys now; where `.env` is a link, the file behind it. */
const char *atmn_save_result_path(const atmn_save_result *saved);

/** 1 if it did not exist before. */
int32_t atmn_save_result_created(const atmn_save_result *saved);

/** What git thinks of it. */
atmn_git atmn_save_result_git(const atmn_save_result *saved);

/** The keys that were replaced, masked. */
const atmn_locations *atmn_save_result_replaced(const atmn_save_result *saved);

/** Nearer places that hold another key. Empty: the saved keys are in force. */
const atmn_locations *atmn_save_result_shadowed_by(const atmn_save_result *saved);

/** 1 if no other process could interfere; 0 where the system offers no locks. */
int32_t atmn_save_result_locked(const atmn_save_result *saved);

/** Frees what `atmn_save_keys` gave; not what a login lends. */
void atmn_save_result_free(atmn_save_result *saved);

/* ---- Logging out ------------------------------------------------------------------------------------------------- */

/** What was taken out, and what is left. */
typedef struct atmn_logout_result atmn_logout_result;

/**
 * Removes both keys from the `.env` of the directory, and of that directory only. Nothing to remove is success. The
 * keys themselves stay valid; the note says where to revoke them.
 *
 * Codes: as `atmn_save_keys`, except those about keys and git.
 */
atmn_code atmn_logout(const atmn_options *options, atmn_logout_result **out, atmn_error **error);

/** The file looked at; where `.env` is a link, the file behind it. */
const char *atmn_logout_result_path(const atmn_logout_result *logout_result);

/** The keys taken out, masked; empty if there were none. */
const atmn_locations *atmn_logout_result_removed(const atmn_logout_result *logout_result);

/** Every place that still holds a key, from the nearest on. */
const atmn_locations *atmn_logout_result_remaining(const atmn_logout_result *logout_result);

/** Ready to print: that keys are not revoked, and where to do that. */
const char *atmn_logout_result_note(const atmn_logout_result *logout_result);

/** 1 if no other process could interfere; 0 where the system offers no locks. */
int32_t atmn_logout_result_locked(const atmn_logout_result *logout_result);

/** Frees what `atmn_logout` gave. */
void atmn_logout_result_free(atmn_logout_result *logout_result);

/* ---- Logging in -------------------------------------------------------------------------------------------------- */

/** A login that is done. */
typedef struct atmn_login_result atmn_login_result;

/** An organization. Always lent. Every text is ready to print. */
typedef struct atmn_organization atmn_organization;

/** Its id, or NULL: older servers do not tell it. */
const char *atmn_organization_id(const atmn_organization *organization);

/** Its name for people. */
const char *atmn_organization_name(const atmn_organization *organization);

/** Its short name, as it stands in addresses. */
const char *atmn_organization_slug(const atmn_organization *organization);

/**
 * Logs a person in, unless the keys that are there still work: tells the address (`ATMN_EVENT_LOGIN_URL`), opens the
 * browser, waits for its answer on one of the ports 31448 to 31452, gets the keys, and saves them as `atmn_save_keys`
 * does. Waits for as long as the option "login_timeout_ms" says, or until `canceller` (may be NULL) is set.
 *
 * It needs a callback for events, since nobody could see the address otherwise; `atmn_terminal_listener` is ready-made.
 *
 * ```c
 * atmn_options *options = atmn_options_new();
 * atmn_login_result *done = NULL;
 * atmn_error *error = NULL;
 * atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
 * if (atmn_login(options, NULL, &done, &error) == ATMN_OK)
 *     printf("Logged in to %s.\n", atmn_organization_name(atmn_login_result_organization(done)));
 * else
 *     fprintf(stderr, "%s\n", atmn_error_message(error));
 * atmn_login_result_free(done);
 * atmn_error_free(error);
 * atmn_options_free(options);
 * ```
 *
 * Codes: `ATMN_LOGIN_UNATTENDED`; `ATMN_PORTS_IN_USE`; `ATMN_LOGIN_DENIED`, `ATMN_TIMED_OUT`, `ATMN_CANCELLED`,
 * `ATMN_STATE_MISMATCH`: there was no answer to go on with; `ATMN_EXCHANGE_REFUSED`, `ATMN_EXCHANGE_UNREADABLE`,
 * `ATMN_KEYS_REFUSED`, `ATMN_ORGANIZATION_CHANGED`: no keys were saved; if keys may exist all the same, the context has
 * "keys_may_exist" and the hint says where to delete them; as `atmn_save_keys`, most of it before anybody is asked; as
 * `atmn_whoami`, where there is no answer to speak of.
 */
atmn_code atmn_login(const atmn_options *options,
                     atmn_canceller *canceller,
                     atmn_login_result **out,
                     atmn_error **error);

/** Whose the keys are; NULL if the server did not tell in time. */
const atmn_organization *atmn_login_result_organization(const atmn_login_result *login_result);

/** The environments whose keys are in the file, one by one from 0 on; 0 beyond the end. */
atmn_environment atmn_login_result_environments(const atmn_login_result *login_result, size_t index);

/** These keys, one by one from 0 on; NULL beyond the end. */
const atmn_key *atmn_login_result_keys(const atmn_login_result *login_result, size_t index);

/** What was saved; NULL if the keys that were there still work and were kept. */
const atmn_save_result *atmn_login_result_saved(const atmn_login_result *login_result);

/** Frees a login that is done, and overwrites the texts of its keys. */
void atmn_login_result_free(atmn_login_result *login_result);

/* ---- Logging in, step by step ------------------------------------------------------------------------------------ */

/** A login under way. It owns the callback port. */
typedef struct atmn_attempt atmn_attempt;

/**
 * Binds a callback port and creates the login URL, for programs that show it themselves. It returns at once; everything
 * else happens in `atmn_attempt_wait` or `atmn_attempt_poll`, which end with the keys in the file if they still work (see
 * `atmn_options_set_force`). The login timeout counts from here. Free the attempt with `atmn_attempt_free`.
 *
 * ```c
 * atmn_attempt *attempt = NULL;
 * atmn_login_result *done = NULL;
 * if (atmn_start_login(NULL, &attempt, NULL) == ATMN_OK) {
 *     printf("Log in at %s\n", atmn_attempt_url(attempt));
 *     while (atmn_attempt_poll(attempt, 200, &done, NULL) == ATMN_OK && done == NULL)
 *         putchar('.'); // or redraw the window
 * }
 * atmn_login_result_free(done);
 * atmn_attempt_free(attempt);
 * ```
 *
 * Codes: `ATMN_PORTS_IN_USE`; `ATMN_INVALID_ARGUMENT`; as `atmn_save_keys`, if the keys could not be saved.
 */
atmn_code atmn_start_login(const atmn_options *options, atmn_attempt **out, atmn_error **error);

/** The address to log in at; for the person alone. */
const char *atmn_attempt_url(const atmn_attempt *attempt);

/** The callback port. */
uint16_t atmn_attempt_port(const atmn_attempt *attempt);

/** The one piece of advice that fits these surroundings, such as an `ssh -L` line, or NULL. */
const char *atmn_attempt_hint(const atmn_attempt *attempt);

/** When the wait ends, in milliseconds since 1970. */
int64_t atmn_attempt_deadline_ms(const atmn_attempt *attempt);

/**
 * Takes what a person pasted: the address that the browser ended at, its query, or the code alone. Refused text changes
 * nothing, and the wait goes on. Any thread may, and so may the callback.
 *
 * Codes: `ATMN_STATE_MISMATCH`: it is the answer to another login; `ATMN_INVALID_ARGUMENT`: it is no answer, or a key.
 */
atmn_code atmn_attempt_submit(atmn_attempt *attempt, const char *pasted, atmn_error **error);

/**
 * Ends the login, as `atmn_canceller_cancel` does: any thread and any signal handler may, and so may the callback. Its
 * port is free when the wait has returned.
 */
void atmn_attempt_cancel(atmn_attempt *attempt);

/**
 * Waits until the login has ended.
 *
 * Codes: as `atmn_login`; `ATMN_BUSY`: another call is waiting for it; `ATMN_INVALID_ARGUMENT`: it has ended before.
 */
atmn_code atmn_attempt_wait(atmn_attempt *attempt, atmn_login_result **out, atmn_error **error);

/**
 * Lets the login move for at most `max_ms` milliseconds; 0 is a look. `ATMN_OK` with `*out` NULL: it has not ended yet.
 *
 * Codes: as `atmn_attempt_wait`.
 */
atmn_code atmn_attempt_poll(atmn_attempt *attempt, int64_t max_ms, atmn_login_result **out, atmn_error **error);

/** Frees an attempt, and its port. Not while another thread uses it, and not in its callback. */
void atmn_attempt_free(atmn_attempt *attempt);

/* ---- Logging in with two processes ------------------------------------------------------------------------------- */

/** A login that waits to be completed. */
typedef struct atmn_pending_login atmn_pending_login;

/**
 * Makes the address for a login that `atmn_complete_login` finishes, within ten minutes and perhaps in another process.
 * What that needs is kept in a private file; no port is taken, and no browser opens. Free it with
 * `atmn_pending_login_free`; the login goes on waiting.
 *
 * Codes: `ATMN_FILE_UNWRITABLE`: there is no private directory; as `atmn_start_login`, except for ports.
 */
atmn_code atmn_begin_login(const atmn_options *options, atmn_pending_login **out, atmn_error **error);

/** The address to log in at; for the person alone. */
const char *atmn_pending_login_url(const atmn_pending_login *pending);

/** Until when it can be completed, in milliseconds since 1970. */
int64_t atmn_pending_login_deadline_ms(const atmn_pending_login *pending);

/** Ready to print beside the address: what to do, and what not. */
const char *atmn_pending_login_note(const atmn_pending_login *pending);

/** Frees what `atmn_begin_login` gave. */
void atmn_pending_login_free(atmn_pending_login *pending);

/**
 * Finishes a login that `atmn_begin_login` began: with the address that the browser ended at, its query, or, if exactly
 * one login is waiting, the code alone. Server and directory are those of the beginning; of the options, only
 * "login_timeout_ms" and the callback are read. `canceller` may be NULL.
 *
 * Codes: `ATMN_NO_PENDING_LOGIN`: there is none that the text belongs to, or its ten minutes have passed;
 * `ATMN_INVALID_ARGUMENT`, `ATMN_STATE_MISMATCH`: the text is no answer; as `atmn_login`.
 */
atmn_code atmn_complete_login(const atmn_options *options,
                              const char *pasted,
                              atmn_canceller *canceller,
                              atmn_login_result **out,
                              atmn_error **error);

/* ---- Whose a key is ---------------------------------------------------------------------------------------------- */

/** Whose a key is, and where it was found. */
typedef struct atmn_identity atmn_identity;

/**
 * Finds the key in force, as `atmn_resolve_key` does, and asks the server whose it is. One request, not repeated.
 * `canceller` may be NULL.
 *
 * Codes: as `atmn_resolve_key`, and nothing is asked then; `ATMN_UNAUTHORIZED`, `ATMN_INVALID_SECRET_KEY`: the server
 * does not accept the key, and the context names the place it came from; `ATMN_ENDPOINT_NOT_PUBLIC`: the key is
 * publishable; `ATMN_API_ERROR`: any other failure of the server's (context "status", "api_code", "env",
 * "request_id"); `ATMN_RESOLVE_FAILED`, `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`,
 * `ATMN_REQUEST_TIMED_OUT`, `ATMN_CONNECTION_LOST`, `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`: there was
 * no answer to speak of; `ATMN_CANCELLED`.
 */
atmn_code atmn_whoami(const atmn_options *options, atmn_canceller *canceller, atmn_identity **out, atmn_error **error);

/** The organization that the key belongs to. */
const atmn_organization *atmn_identity_organization(const atmn_identity *identity);

/** The base address of the server that said so. */
const char *atmn_identity_server(const atmn_identity *identity);

/** The key. */
const atmn_key *atmn_identity_key(const atmn_identity *identity);

/** The place it came from. */
const atmn_location *atmn_identity_source(const atmn_identity *identity);

/** Places that were passed over although they may hold a key. */
const atmn_locations *atmn_identity_skipped(const atmn_identity *identity);

/** Frees an identity, and overwrites the text of its key. */
void atmn_identity_free(atmn_identity *identity);

/* ---- Requests to the API ----------------------------------------------------------------------------------------- */

/**
 * A request, to be made once or several times.
 *
 * As with options, nothing here fails: whatever cannot be used is reported by the call that makes the request, with its
 * name in the context "option".
 */
typedef struct atmn_request atmn_request;

/**
 * A request without a body. The method is GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; the path begins with a slash,
 * such as "/v1/customers", and may have a query. Free it with `atmn_request_free`.
 */
atmn_request *atmn_request_new(const char *method, const char *path);

/** Adds a name and its value to the query; both are encoded on the way. */
void atmn_request_add_query(atmn_request *request, const char *name, const char *value);

/** Adds a header. Key, server and framing are the client's own, and refused here. */
void atmn_request_add_header(atmn_request *request, const char *name, const char *value);

/** Sets the body: `length` bytes, which may be any. NULL with a length of 0 is no body. */
void atmn_request_set_body(atmn_request *request, const void *bytes, size_t length);

/** Says what the body is. Default: "application/json". */
void atmn_request_set_content_type(atmn_request *request, const char *content_type);

/**
 * Promises that a request which arrives twice counts once: the server counts all that carry the same text as one. It is
 * repeated then, whatever its method.
 */
void atmn_request_set_idempotency_key(atmn_request *request, const char *key);

/** Frees a request. */
void atmn_request_free(atmn_request *request);

/* ---- Calling the API --------------------------------------------------------------------------------------------- */

/**
 * Calls the API with the key in force. Any number of threads may use one at once: they share connections and logins.
 * After a `fork` it works in the child too.
 */
typedef struct atmn_client atmn_client;

/** An answer of the server's; its status is 2xx. */
typedef struct atmn_response atmn_response;

/**
 * Makes a client. No key is read and nothing is sent before its first call. The options' callback hears the events of
 * all its calls, each on the thread that made the call. Free it with `atmn_client_free`.
 *
 * Codes: `ATMN_INVALID_ARGUMENT`.
 */
atmn_code atmn_client_new(const atmn_options *options, atmn_client **out, atmn_error **error);

/**
 * Makes a call and gives its answer, if that is 2xx; any other answer is an error. Free it with `atmn_response_free`.
 * `canceller` may be NULL.
 *
 * A request that may be repeated is, up to four times within thirty seconds: after a connection failure and after 429,
 * 502, 503 and 504. A POST or PATCH that may have arrived is repeated only with an idempotency key. A secret key that
 * the server rejects is looked for once more, since it may have been replaced; if it is still the same, and the option
 * "reauth" allows it, a person logs in once for all who wait, and the request is repeated once.
 *
 * ```c
 * atmn_client *client = NULL;
 * atmn_request *request = atmn_request_new("GET", "/v1/customers");
 * atmn_response *response = NULL;
 * atmn_error *error = NULL;
 * atmn_request_add_query(request, "limit", "10");
 * if (atmn_client_new(NULL, &client, &error) == ATMN_OK
 *     && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK)
 *     puts(atmn_response_body(response, NULL));
 * else
 *     fprintf(stderr, "%s\n", atmn_error_message(error));
 * atmn_error_free(error);
 * atmn_response_free(response);
 * atmn_request_free(request);
 * atmn_client_free(client);
 * ```
 *
 * Codes: as `atmn_resolve_key`, and nothing is sent then; `ATMN_ENDPOINT_NOT_PUBLIC`: a publishable key cannot make
 * this call, and nothing is sent; `ATMN_INVALID_ARGUMENT`, `ATMN_NOT_UTF8`, `ATMN_NULL_ARGUMENT`: a part of the
 * request; `ATMN_API_ERROR`: an answer that is not 2xx (context "status", "api_code", "env", "request_id");
 * `ATMN_UNAUTHORIZED`, or the code from 500 on that the server gave: a 401 that stays; `ATMN_LOGIN_NEEDED`: the key
 * was rejected, and no login is allowed; `ATMN_ORGANIZATION_CHANGED`; `ATMN_WRONG_ENVIRONMENT`; as `atmn_login`, if it
 * came to that; `ATMN_RESOLVE_FAILED`, `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`: the request did
 * not arrive; `ATMN_CONNECTION_LOST`, `ATMN_REQUEST_TIMED_OUT`, `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`:
 * it may have arrived; `ATMN_CANCELLED`.
 */
atmn_code atmn_client_request(atmn_client *client,
                              const atmn_request *request,
                              atmn_canceller *canceller,
                              atmn_response **out,
                              atmn_error **error);

/**
 * For programs that make calls by their own means: says that the server rejected a key, and gives the one to go on
 * with, found or logged in for as in `atmn_client_request`. Free it with `atmn_resolved_key_free`. `canceller` may be
 * NULL.
 *
 * Codes: `ATMN_MALFORMED_KEY`; `ATMN_WRONG_KEY_KIND`: a publishable key, which no login replaces; `ATMN_UNAUTHORIZED`:
 * the key comes from a place that a login cannot change; `ATMN_LOGIN_NEEDED`, `ATMN_ORGANIZATION_CHANGED`,
 * `ATMN_WRONG_ENVIRONMENT`, and as `atmn_login` and `atmn_resolve_key`, as in `atmn_client_request`.
 */
atmn_code atmn_client_reauthenticate(atmn_client *client,
                                     const char *rejected,
                                     atmn_canceller *canceller,
                                     atmn_resolved_key **out,
                                     atmn_error **error);

/**
 * Takes what a person pasted for a login that a call of this client waits for, as `atmn_attempt_submit` does. Any
 * thread may, and so may the callback.
 *
 * Codes: `ATMN_NO_PENDING_LOGIN`: no call waits for one; as `atmn_attempt_submit`.
 */
atmn_code atmn_client_submit(atmn_client *client, const char *pasted, atmn_error **error);

/** Frees a client, and closes its connections. Not while another thread uses it. */
void atmn_client_free(atmn_client *client);

/** The HTTP status, 200 to 299. */
int32_t atmn_response_status(const atmn_response *response);

/** The first value of a header, by its name in any case, or NULL. */
const char *atmn_response_header(const atmn_response *response, const char *name);

/** How many headers there are. */
size_t atmn_response_header_count(const atmn_response *response);

/** The name of a header in lower case, counted from 0 in the order of their arrival; NULL beyond the end. */
const char *atmn_response_header_name(const atmn_response *response, size_t index);

/** The value of a header, counted from 0; NULL beyond the end. */
const char *atmn_response_header_value(const atmn_response *response, size_t index);

/**
 * The body, decompressed, and how many bytes it has (`length` may be NULL). A NUL follows the last byte and is not
 * counted.
 */
const char *atmn_response_body(const atmn_response *response, size_t *length);

/** Frees a response. */
void atmn_response_free(atmn_response *response);

/* ---- Requests that come in --------------------------------------------------------------------------------------- */

/** What a program found out about a credential. */
typedef int32_t atmn_verdict;
/** Nobody has it, or nobody has it any more. */
#define ATMN_VERDICT_UNKNOWN 0
/** It is good. */
#define ATMN_VERDICT_VALID 1
/** It could not be checked, such as because a database does not answer. So does any number that is none. */
#define ATMN_VERDICT_CANNOT_TELL 2

/**
 * Looks a credential up. `key` is lent until it returns; it is NULL, with `kind` and `environment` 0, for a request of
 * Autumn's dashboard, whose session the program checks by its own means. What is found goes into `user_data`.
 */
typedef atmn_verdict (*atmn_verify_callback)(void *user_data,
                                             const char *key,
                                             atmn_kind kind,
                                             atmn_environment environment);

/**
 * For programs that receive requests as Autumn's server does: reads the credential of a request, sees whether it may be
 * used there, and asks `verify`, on this thread. Nothing is accepted without it.
 *
 * `path` may have a query. `authorization` is that header, or NULL if there is none; several belong joined by ", ".
 * `client_type` is the header `x-client-type`, or NULL. These four come from strangers: bytes that are no UTF-8 are no
 * failure of the call's, they only match nothing. Of the options, "accepts" and the callback are read: it hears every
 * refusal (`ATMN_EVENT_REQUEST_REFUSED`, for security logs), and what it returns does not matter.
 *
 * A refusal is answered with the status of `atmn_error_status` and the JSON of `atmn_error_body`.
 *
 * ```c
 * atmn_error *error = NULL;
 * atmn_code code = atmn_authenticate(NULL, "GET", "/v1/customers", "Bearer am_sk_test_example", NULL,
 *                                    my_verify, NULL, &error);
 * if (code != ATMN_OK)
 *     printf("%d %s\n", (int)atmn_error_status(error), atmn_error_body(error));
 * atmn_error_free(error);
 * ```
 *
 * Codes: `ATMN_NO_SECRET_KEY`, `ATMN_NO_PUBLISHABLE_KEY`: there is no such header, or no session;
 * `ATMN_INVALID_AUTH_HEADER`: it is not `Bearer <key>`; `ATMN_INVALID_SECRET_KEY`, `ATMN_INVALID_PUBLISHABLE_KEY`: it
 * is no key, or unknown; `ATMN_ENDPOINT_NOT_PUBLIC`: a publishable key may not be used there;
 * `ATMN_FAILED_TO_VERIFY_SECRET_KEY`, `ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY`: it could not be checked.
 */
atmn_code atmn_authenticate(const atmn_options *options,
                            const char *method,
                            const char *path,
                            const char *authorization,
                            const char *client_type,
                            atmn_verify_callback verify,
                            void *user_data,
                            atmn_error **error);

#ifdef __cplusplus
}
#endif

#endif
