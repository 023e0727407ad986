/* Arguments that no program should pass: one NULL among valid arguments, other bytes than UTF-8, lengths and numbers out
 * of range. A program that `programs/null.rs` makes from the header passes NULL everywhere. */
#include "check.h"

static const char NOT_UTF8[] = "\xff\xfe";
static char untouched; /* out-parameters point here, and must keep it */

#define UNTOUCHED(type, name) type *name = (type *)(void *)&untouched
#define IS_UNTOUCHED(name) CHECK((void *)(name) == (void *)&untouched)

static int32_t on_event(void *user_data, const atmn_event *event)
{
    (void)user_data, (void)event;
    return 0;
}

static atmn_verdict verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    (void)user_data, (void)key, (void)kind, (void)environment;
    return ATMN_VERDICT_VALID;
}

static void arguments(const atmn_options *options)
{
    const char *null[] = {NULL}, *not_utf8[] = {NOT_UTF8}, *keys[] = {"am_sk_test_a"};
    const char *malformed[] = {"am_sk_test_planted "};
    int32_t kind = 7, environment = 7;
    UNTOUCHED(atmn_save_result, saved);
    UNTOUCHED(atmn_login_result, done);
    UNTOUCHED(atmn_response, response);
    UNTOUCHED(atmn_resolved_key, found);
    atmn_client *client = NULL;
    FAILS(ATMN_NULL_ARGUMENT, "text", atmn_classify_key(NULL, &kind, &environment, &error));
    FAILS(ATMN_NULL_ARGUMENT, "kind", atmn_classify_key("x", NULL, &environment, &error));
    FAILS(ATMN_NULL_ARGUMENT, "environment", atmn_classify_key("x", &kind, NULL, &error));
    FAILS(ATMN_NOT_UTF8, "text", atmn_classify_key(NOT_UTF8, &kind, &environment, &error));
    CHECK(kind == 7 && environment == 7);
    FAILS(ATMN_NULL_ARGUMENT, "keys", atmn_save_keys(options, NULL, 1, NULL, &saved, &error));
    FAILS(ATMN_NULL_ARGUMENT, "keys", atmn_save_keys(options, null, 1, NULL, &saved, &error));
    FAILS(ATMN_NOT_UTF8, "keys", atmn_save_keys(options, not_utf8, 1, NULL, &saved, &error));
    FAILS(ATMN_MALFORMED_KEY, NULL, atmn_save_keys(options, malformed, 1, NULL, &saved, &error));
    FAILS(ATMN_INVALID_ARGUMENT, "count", atmn_save_keys(options, keys, SIZE_MAX, NULL, &saved, &error));
    FAILS(ATMN_INVALID_ARGUMENT, "count", atmn_save_keys(options, keys, SIZE_MAX / 8 + 2, NULL, &saved, &error));
    FAILS(ATMN_INVALID_ARGUMENT, "keys", atmn_save_keys(options, NULL, 0, NULL, &saved, &error));
    FAILS(ATMN_NULL_ARGUMENT, "attempt", atmn_attempt_submit(NULL, "x", &error));
    FAILS(ATMN_NULL_ARGUMENT, "attempt", atmn_attempt_wait(NULL, &done, &error));
    FAILS(ATMN_NULL_ARGUMENT, "attempt", atmn_attempt_poll(NULL, 0, &done, &error));
    FAILS(ATMN_NULL_ARGUMENT, "text", atmn_complete_login(options, NULL, NULL, &done, &error));
    FAILS(ATMN_NOT_UTF8, "text", atmn_complete_login(options, NOT_UTF8, NULL, &done, &error));
    FAILS(ATMN_NULL_ARGUMENT, "method", atmn_authenticate(options, NULL, "/", NULL, NULL, verify, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "path", atmn_authenticate(options, "GET", NULL, NULL, NULL, verify, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "verify", atmn_authenticate(options, "GET", "/", NULL, NULL, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "client", atmn_client_submit(NULL, "x", &error));
    FAILS(ATMN_NULL_ARGUMENT, "client", atmn_client_request(NULL, NULL, NULL, &response, &error));
    FAILS(ATMN_NULL_ARGUMENT, "client", atmn_client_reauthenticate(NULL, "x", NULL, &found, &error));
    WORKS(atmn_client_new(options, &client, &error));
    FAILS(ATMN_NULL_ARGUMENT, "request", atmn_client_request(client, NULL, NULL, &response, &error));
    FAILS(ATMN_NULL_ARGUMENT, "rejected", atmn_client_reauthenticate(client, NULL, NULL, &found, &error));
    FAILS(ATMN_NOT_UTF8, "text", atmn_client_submit(client, NOT_UTF8, &error));
    static const char *const parts[][2] = {{NULL, "/"}, {"GET", NULL}};
    static const char *const names[] = {"method", "path"};
    for (int index = 0; index < 2; index++) {
        atmn_request *request = atmn_request_new(parts[index][0], parts[index][1]);
        FAILS(ATMN_NULL_ARGUMENT, names[index], atmn_client_request(client, request, NULL, &response, &error));
        atmn_request_free(request);
        request = atmn_request_new(index ? "GET" : NOT_UTF8, index ? NOT_UTF8 : "/");
        FAILS(ATMN_NOT_UTF8, names[index], atmn_client_request(client, request, NULL, &response, &error));
        atmn_request_free(request);
    }
    atmn_client_free(client);
    IS_UNTOUCHED(saved), IS_UNTOUCHED(done), IS_UNTOUCHED(response), IS_UNTOUCHED(found);
}

/* A call that reads an option whose value cannot be used reports the option by name. */
static void settings(const char *project)
{
    UNTOUCHED(atmn_resolved_key, found);
    UNTOUCHED(atmn_save_result, saved);
    UNTOUCHED(atmn_login_result, done);
    UNTOUCHED(atmn_identity, identity);
    UNTOUCHED(atmn_attempt, attempt);
    UNTOUCHED(atmn_client, client);
    UNTOUCHED(atmn_server_facts, facts);
    const char *keys[] = {"am_sk_test_a"};
#define WITH(setter, call)                                                                                            \
    do {                                                                                                              \
        atmn_options *o = atmn_options_new();                                                                         \
        atmn_options_set_directory(o, project);                                                                       \
        atmn_options_set_boundary(o, project);                                                                        \
        atmn_options_set_on_event(o, on_event, NULL);                                                                 \
        setter;                                                                                                       \
        call;                                                                                                         \
        atmn_options_free(o);                                                                                         \
    } while (0)
    for (int32_t number = -1; number < 100; number += 33) {
        int32_t wrong = number == 32 ? INT32_MIN : number == 65 ? INT32_MAX : number;
        WITH(atmn_options_set_environment(o, wrong),
             FAILS(ATMN_INVALID_ARGUMENT, "environment", atmn_resolve_key(o, &found, &error)));
        WITH(atmn_options_set_gitignore(o, wrong),
             FAILS(ATMN_INVALID_ARGUMENT, "gitignore", atmn_save_keys(o, keys, 1, NULL, &saved, &error)));
        WITH(atmn_options_set_reauth(o, wrong),
             FAILS(ATMN_INVALID_ARGUMENT, "reauth", atmn_client_new(o, &client, &error)));
        WITH(atmn_options_set_accepts(o, wrong),
             FAILS(ATMN_INVALID_ARGUMENT, "accepts",
                   atmn_authenticate(o, "GET", "/", NULL, NULL, verify, NULL, &error)));
    }
    WITH(atmn_options_set_server(o, NOT_UTF8), FAILS(ATMN_NOT_UTF8, "server", atmn_login(o, NULL, &done, &error)));
    WITH(atmn_options_set_key(o, "am_sk_live_planted\n"),
         FAILS(ATMN_MALFORMED_KEY, NULL, atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_server(o, "https://me:planted@example.com"),
         FAILS(ATMN_INVALID_ARGUMENT, "server", atmn_login(o, NULL, &done, &error)));
    WITH(atmn_options_set_server(o, "ftp://x"),
         FAILS(ATMN_INVALID_ARGUMENT, "server", atmn_whoami(o, NULL, &identity, &error)));
    WITH(atmn_options_set_key(o, NOT_UTF8), FAILS(ATMN_NOT_UTF8, "key", atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_directory(o, "/no/such/directory"),
         FAILS(ATMN_INVALID_ARGUMENT, "directory", atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_boundary(o, "/no/such/directory"),
         FAILS(ATMN_INVALID_ARGUMENT, "boundary", atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_organization(o, NOT_UTF8),
         FAILS(ATMN_NOT_UTF8, "organization", atmn_start_login(o, NULL, &attempt, &error)));
    WITH(atmn_options_set_file(o, ".env.production"),
         FAILS(ATMN_INVALID_ARGUMENT, "file", atmn_save_keys(o, keys, 1, NULL, &saved, &error)));
    WITH(atmn_options_set_file(o, NOT_UTF8), FAILS(ATMN_NOT_UTF8, "file", atmn_login(o, NULL, &done, &error)));
    WITH(atmn_options_set_scopes(o, "customers:read balances:read"),
         FAILS(ATMN_INVALID_ARGUMENT, "scopes", atmn_start_login(o, NULL, &attempt, &error)));
    WITH(atmn_options_set_scopes(o, " "),
         FAILS(ATMN_INVALID_ARGUMENT, "scopes", atmn_login(o, NULL, &done, &error)));
    WITH(atmn_options_set_key(o, NOT_UTF8), FAILS(ATMN_NOT_UTF8, "key", atmn_find_key(o, &found, &error)));
    WITH(atmn_options_set_server(o, "ftp://x"),
         FAILS(ATMN_INVALID_ARGUMENT, "server", atmn_server_info(o, &facts, &error)));
    WITH(atmn_options_set_login_timeout_ms(o, -1),
         FAILS(ATMN_INVALID_ARGUMENT, "login_timeout_ms", atmn_start_login(o, NULL, &attempt, &error)));
    WITH(atmn_options_set_login_timeout_ms(o, 0),
         FAILS(ATMN_INVALID_ARGUMENT, "login_timeout_ms", atmn_login(o, NULL, &done, &error)));
    WITH(atmn_options_set_login_timeout_ms(o, 0),
         FAILS(ATMN_INVALID_ARGUMENT, "login_timeout_ms", atmn_complete_login(o, "x", NULL, &done, &error)));
    WITH(atmn_options_set_login_timeout_ms(o, INT64_MIN),
         FAILS(ATMN_INVALID_ARGUMENT, "login_timeout_ms", atmn_client_new(o, &client, &error)));
    WITH(atmn_options_set_timeout_ms(o, -1),
         FAILS(ATMN_INVALID_ARGUMENT, "timeout_ms", atmn_whoami(o, NULL, &identity, &error)));
    WITH(atmn_options_set_timeout_ms(o, 0),
         FAILS(ATMN_INVALID_ARGUMENT, "timeout_ms", atmn_client_new(o, &client, &error)));
    WITH(atmn_options_set_response_limit(o, 0),
         FAILS(ATMN_INVALID_ARGUMENT, "response_limit", atmn_client_new(o, &client, &error)));
    WITH(atmn_options_set_directory(o, ""),
         FAILS(ATMN_INVALID_ARGUMENT, "directory", atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_boundary(o, ""),
         FAILS(ATMN_INVALID_ARGUMENT, "boundary", atmn_resolve_key(o, &found, &error)));
    /* A call ignores options that it does not read, and a path may be any bytes. */
    WITH(atmn_options_set_server(o, NOT_UTF8), FAILS(ATMN_KEY_NOT_FOUND, NULL, atmn_resolve_key(o, &found, &error)));
    WITH(atmn_options_set_directory(o, NOT_UTF8),
         FAILS(ATMN_INVALID_ARGUMENT, "directory", atmn_resolve_key(o, &found, &error)));
    IS_UNTOUCHED(found), IS_UNTOUCHED(saved), IS_UNTOUCHED(done), IS_UNTOUCHED(identity);
    IS_UNTOUCHED(attempt), IS_UNTOUCHED(client), IS_UNTOUCHED(facts);
}

/* The message for a number without a name lists the macros of C. */
static void numbers_have_names_of_c(void)
{
    atmn_client *client = NULL;
    atmn_error *error = NULL;
    atmn_options *options = atmn_options_new();
    atmn_options_set_reauth(options, 99);
    CHECK(atmn_client_new(options, &client, &error) == ATMN_INVALID_ARGUMENT && client == NULL);
    CHECK(strstr(atmn_error_message(error), "ATMN_REAUTH_NEVER") != NULL);
    CHECK(strstr(atmn_error_message(error), "never") == NULL);
    atmn_error_free(error);
    atmn_options_free(options);
}

static void long_texts(atmn_options *options)
{
    size_t length = 1024 * 1024;
    char *text = malloc(length + 1);
    int32_t kind = 7, environment = 7;
    CHECK(text != NULL);
    memset(text, 'a', length);
    text[length] = 0;
    memcpy(text, "am_sk_test_planted", 18);
    WORKS(atmn_classify_key(text, &kind, &environment, &error));
    CHECK(kind == 0 && environment == 0);
    UNTOUCHED(atmn_resolved_key, found);
    atmn_options_set_key(options, text);
    FAILS(ATMN_MALFORMED_KEY, NULL, atmn_resolve_key(options, &found, &error));
    atmn_options_set_key(options, NULL);
    memset(text, 'a', 18);
    atmn_options_set_directory(options, text);
    FAILS(ATMN_INVALID_ARGUMENT, "directory", atmn_resolve_key(options, &found, &error));
    IS_UNTOUCHED(found);
    free(text);
}

int main(int count, char **values)
{
    CHECK(count == 2);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = atmn_options_new();
        atmn_options_set_directory(options, values[1]);
        atmn_options_set_boundary(options, values[1]);
        arguments(options);
        settings(values[1]);
        numbers_have_names_of_c();
        long_texts(options);
        atmn_options_free(options);
        residue_check(before);
    }
    return 0;
}
