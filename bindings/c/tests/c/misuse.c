/* Arguments that no program should pass: NULL everywhere, other bytes than UTF-8, lengths and numbers out of range. */
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

static void getters_of_null(void)
{
    CHECK(atmn_error_code(NULL) == ATMN_OK && !atmn_error_message(NULL) && !atmn_error_hint(NULL));
    CHECK(!atmn_entry_name(NULL) && !atmn_entry_value(NULL));
    CHECK(!atmn_error_context_find(NULL, "path"));
    CHECK(!atmn_error_context_count(NULL) && !atmn_error_context_get(NULL, 0));
    CHECK(!atmn_error_cause(NULL) && !atmn_error_status(NULL) && !atmn_error_body(NULL));
    CHECK(!atmn_event_code(NULL) && !atmn_event_message(NULL));
    CHECK(!atmn_event_context_find(NULL, "url") && !atmn_event_context_count(NULL) && !atmn_event_context_get(NULL, 0));
    CHECK(!atmn_key_reveal(NULL) && !atmn_key_masked(NULL) && !atmn_key_kind(NULL) && !atmn_key_environment(NULL));
    CHECK(!atmn_location_origin(NULL) && !atmn_location_variable(NULL));
    CHECK(!atmn_location_path(NULL) && !atmn_location_line(NULL));
    CHECK(!atmn_location_outcome(NULL) && !atmn_location_masked(NULL));
    CHECK(!atmn_location_reason(NULL) && !atmn_location_text(NULL));
    CHECK(!atmn_locations_count(NULL) && !atmn_locations_get(NULL, 0));
    CHECK(!atmn_resolved_key_key(NULL) && !atmn_resolved_key_source(NULL));
    CHECK(!atmn_resolved_key_skipped_count(NULL) && !atmn_resolved_key_skipped_get(NULL, 0));
    CHECK(!atmn_save_result_path(NULL) && !atmn_save_result_created(NULL) && !atmn_save_result_git(NULL));
    CHECK(!atmn_save_result_replaced_count(NULL) && !atmn_save_result_replaced_get(NULL, 0));
    CHECK(!atmn_save_result_shadowed_by_count(NULL) && !atmn_save_result_shadowed_by_get(NULL, 0));
    CHECK(!atmn_save_result_note(NULL));
    CHECK(!atmn_save_result_locked(NULL) && !atmn_logout_result_path(NULL));
    CHECK(!atmn_logout_result_removed_count(NULL) && !atmn_logout_result_removed_get(NULL, 0));
    CHECK(!atmn_logout_result_remaining_count(NULL) && !atmn_logout_result_remaining_get(NULL, 0));
    CHECK(!atmn_logout_result_note(NULL) && !atmn_logout_result_locked(NULL));
    CHECK(!atmn_organization_id(NULL) && !atmn_organization_name(NULL) && !atmn_organization_slug(NULL));
    CHECK(!atmn_login_result_organization(NULL) && !atmn_login_result_saved(NULL));
    CHECK(!atmn_login_result_environments_count(NULL) && !atmn_login_result_environments_get(NULL, 0));
    CHECK(!atmn_login_result_scopes_count(NULL) && !atmn_login_result_scopes_get(NULL, 0));
    CHECK(!atmn_identity_scopes_count(NULL) && !atmn_identity_scopes_get(NULL, 0));
    CHECK(!atmn_server_facts_api_url(NULL) && !atmn_server_facts_dashboard_url(NULL));
    CHECK(!atmn_server_facts_scopes_count(NULL) && !atmn_server_facts_scopes_get(NULL, 0));
    CHECK(!atmn_server_facts_client_id(NULL));
    CHECK(!atmn_login_result_keys_count(NULL) && !atmn_login_result_keys_get(NULL, 0));
    CHECK(!atmn_attempt_url(NULL) && !atmn_attempt_port(NULL) && !atmn_attempt_hint(NULL));
    CHECK(!atmn_attempt_deadline_ms(NULL));
    CHECK(!atmn_pending_login_url(NULL) && !atmn_pending_login_deadline_ms(NULL) && !atmn_pending_login_note(NULL));
    CHECK(!atmn_identity_organization(NULL) && !atmn_identity_server(NULL) && !atmn_identity_key(NULL));
    CHECK(!atmn_identity_source(NULL) && !atmn_identity_skipped_count(NULL) && !atmn_identity_skipped_get(NULL, 0));
    CHECK(!atmn_response_status(NULL) && !atmn_response_body(NULL, NULL) && !atmn_response_headers_count(NULL));
    CHECK(!atmn_response_headers_get(NULL, 0) && !atmn_response_headers_find(NULL, "x"));
    CHECK(!atmn_terminal_listener(NULL, NULL));
}

static void setters_and_free_of_null(void)
{
    atmn_options_set_server(NULL, "local");
    atmn_options_set_environment(NULL, 1);
    atmn_options_set_directory(NULL, "/");
    atmn_options_set_file(NULL, ".env");
    atmn_options_set_scopes(NULL, "x");
    atmn_options_set_boundary(NULL, "/");
    atmn_options_set_key(NULL, "x");
    atmn_options_set_timeout_ms(NULL, 1);
    atmn_options_set_login_timeout_ms(NULL, 1);
    atmn_options_set_open_browser(NULL, 1);
    atmn_options_set_force(NULL, 1);
    atmn_options_set_sandbox_only(NULL, 1);
    atmn_options_set_allow_tracked(NULL, 1);
    atmn_options_set_gitignore(NULL, 1);
    atmn_options_set_response_limit(NULL, 1);
    atmn_options_set_reauth(NULL, 1);
    atmn_options_set_organization(NULL, "x");
    atmn_options_set_accepts(NULL, 1);
    atmn_options_set_accept_dashboard(NULL, 1);
    atmn_options_set_on_event(NULL, on_event, NULL);
    atmn_request_add_query(NULL, "a", "b");
    atmn_request_add_header(NULL, "a", "b");
    atmn_request_set_body(NULL, "a", 1);
    atmn_request_set_content_type(NULL, "a");
    atmn_request_set_idempotency_key(NULL, "a");
    atmn_request_set_on_event(NULL, on_event, NULL);
    atmn_request_set_timeout_ms(NULL, 1);
    atmn_canceller_cancel(NULL);
    atmn_attempt_cancel(NULL);
    atmn_error_free(NULL);
    atmn_canceller_free(NULL);
    atmn_options_free(NULL);
    atmn_locations_free(NULL);
    atmn_resolved_key_free(NULL);
    atmn_save_result_free(NULL);
    atmn_logout_result_free(NULL);
    atmn_login_result_free(NULL);
    atmn_attempt_free(NULL);
    atmn_pending_login_free(NULL);
    atmn_identity_free(NULL);
    atmn_server_facts_free(NULL);
    atmn_client_free(NULL);
    atmn_request_free(NULL);
    atmn_response_free(NULL);
}

static void out_is_null(const atmn_options *options)
{
    const char *keys[] = {"am_sk_test_a"};
    int32_t number = 7;
    FAILS(ATMN_NULL_ARGUMENT, "kind", atmn_classify_key("x", NULL, &number, &error));
    FAILS(ATMN_NULL_ARGUMENT, "environment", atmn_classify_key("x", &number, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_resolve_key(options, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_find_key(options, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_server_info(options, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_explain_key(options, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_save_keys(options, keys, 1, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_logout(options, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_login(options, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_start_login(options, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_attempt_wait(NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_attempt_poll(NULL, 0, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_begin_login(options, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_complete_login(options, "x", NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_whoami(options, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_client_new(options, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_client_request(NULL, NULL, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_client_start_request(NULL, NULL, NULL, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_started_request_poll(NULL, 0, NULL, &error));
    FAILS(ATMN_NULL_ARGUMENT, "out", atmn_client_reauthenticate(NULL, NULL, NULL, NULL, &error));
    CHECK(number == 7);
    /* Without an error object: */
    CHECK(atmn_resolve_key(options, NULL, NULL) == ATMN_NULL_ARGUMENT);
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
        getters_of_null();
        setters_and_free_of_null();
        out_is_null(options);
        arguments(options);
        settings(values[1]);
        numbers_have_names_of_c();
        long_texts(options);
        atmn_options_free(options);
        residue_check(before);
    }
    return 0;
}
