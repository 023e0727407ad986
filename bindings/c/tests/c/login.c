/* All ways of logging in. Arguments: the URL of a server that approves every login, and an empty project.
 * $BROWSER is the browser of the tests. */
#define _XOPEN_SOURCE 700
#include "check.h"

struct progress {
    int events[64], cancel_at;
    char url[4096];
    int submits; /* the event callback submits the callback URL */
    atmn_attempt *attempt;
};

static int32_t on_event(void *user_data, const atmn_event *event)
{
    struct progress *progress = user_data;
    int32_t code = atmn_event_code(event);
    CHECK(code > 0 && code < 64 && strlen(atmn_event_message(event)) > 5);
    progress->events[code]++;
    if (code == ATMN_EVENT_LOGIN_URL) {
        snprintf(progress->url, sizeof progress->url, "%s", atmn_event_context_find(event, "url"));
        CHECK(strstr(atmn_event_message(event), progress->url) != NULL);
        CHECK(atmn_event_context_find(event, "port") != NULL);
    }
    if (progress->attempt && code == ATMN_EVENT_LOGIN_URL) {
        atmn_login_result *done = NULL;
        FAILS(ATMN_BUSY, NULL, atmn_attempt_poll(progress->attempt, 0, &done, &error));
        FAILS(ATMN_BUSY, NULL, atmn_attempt_wait(progress->attempt, &done, &error));
    }
    if (progress->submits && code == ATMN_EVENT_LOGIN_URL) {
        char answer[4096];
        CHECK(web_get(progress->url, answer, sizeof answer) == 302);
        WORKS(atmn_attempt_submit(progress->attempt, answer, &error));
    }
    if (!progress->attempt && code == ATMN_EVENT_KEYS_SAVED) {
        atmn_identity *identity = NULL;
        FAILS(ATMN_INVALID_ARGUMENT, "runtime", atmn_whoami(NULL, NULL, &identity, &error));
    }
    return code == progress->cancel_at;
}

static void check_done(const atmn_login_result *done, size_t keys)
{
    const atmn_organization *organization = atmn_login_result_organization(done);
    CHECK_TEXT(atmn_organization_name(organization), "Copper Kettle");
    CHECK_TEXT(atmn_organization_slug(organization), "copper-kettle");
    CHECK(atmn_organization_id(organization) != NULL);
    CHECK(atmn_login_result_environments_count(done) == keys && atmn_login_result_keys_count(done) == keys);
    CHECK(atmn_login_result_environments_get(done, 0) == ATMN_ENVIRONMENT_SANDBOX);
    CHECK(atmn_login_result_environments_get(done, 1) == (keys == 2 ? ATMN_ENVIRONMENT_LIVE : 0));
    CHECK(atmn_login_result_environments_get(done, keys) == 0);
    const atmn_key *key = atmn_login_result_keys_get(done, 0);
    CHECK(atmn_key_environment(key) == ATMN_ENVIRONMENT_SANDBOX && strlen(atmn_key_reveal(key)) > 20);
    CHECK(atmn_login_result_keys_get(done, keys) == NULL);
}

static void login(atmn_options *options)
{
    struct progress progress = {{0}, 0, "", 0, NULL};
    atmn_login_result *done = NULL;
    FAILS(ATMN_LOGIN_UNATTENDED, NULL, atmn_login(options, NULL, &done, &error));
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_login(options, NULL, &done, &error));
    CHECK(progress.events[ATMN_EVENT_LOGIN_URL] == 1 && progress.events[ATMN_EVENT_BROWSER_FAILED] == 0);
    CHECK(progress.events[ATMN_EVENT_CALLBACK_RECEIVED] == 1 && progress.events[ATMN_EVENT_KEYS_SAVED] == 1);
    check_done(done, 2);
    CHECK(atmn_save_result_created(atmn_login_result_saved(done)) == 1);
    atmn_login_result_free(done);

    WORKS(atmn_login(options, NULL, &done, &error));
    CHECK(atmn_login_result_saved(done) == NULL); /* kept */
    check_done(done, 2);
    atmn_login_result_free(done);
}

static void whoami(const atmn_options *options, const char *server)
{
    atmn_identity *identity = NULL;
    WORKS(atmn_whoami(options, NULL, &identity, &error));
    CHECK_TEXT(atmn_organization_slug(atmn_identity_organization(identity)), "copper-kettle");
    CHECK_TEXT(atmn_identity_server(identity), server);
    CHECK(atmn_key_kind(atmn_identity_key(identity)) == ATMN_KIND_SECRET);
    CHECK(atmn_location_line(atmn_identity_source(identity)) == 1);
    CHECK(atmn_identity_skipped_count(identity) == 0 && atmn_identity_skipped_get(identity, 0) == NULL);
    atmn_identity_free(identity);
}

static void negative_time(atmn_attempt *running)
{
    atmn_login_result *done = NULL;
    atmn_error *error = NULL;
    CHECK(atmn_attempt_poll(running, -1, &done, &error) == ATMN_INVALID_ARGUMENT);
    CHECK_TEXT(atmn_error_message(error), "`max_ms` must be 0 or greater.");
    /* An argument cannot be omitted. */
    CHECK_TEXT(atmn_error_hint(error), "Pass the longest time to wait in milliseconds, or 0 to return at once.");
    atmn_error_free(error);
}

static void attempt(atmn_options *options)
{
    struct progress progress = {{0}, 0, "", 0, NULL};
    char answer[4096];
    atmn_login_result *done = NULL;
    atmn_options_set_open_browser(options, 0);
    atmn_options_set_sandbox_only(options, 1);
    atmn_options_set_force(options, 1);
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_start_login(options, NULL, &progress.attempt, &error));
    CHECK(atmn_attempt_port(progress.attempt) >= 31448 && atmn_attempt_port(progress.attempt) <= 31452);
    CHECK(atmn_attempt_deadline_ms(progress.attempt) > INT64_C(1500000000000));
    (void)atmn_attempt_hint(progress.attempt);
    while (progress.events[ATMN_EVENT_LOGIN_URL] == 0)
        WORKS(atmn_attempt_poll(progress.attempt, 100, &done, &error));
    CHECK(done == NULL && progress.events[ATMN_EVENT_LOGIN_URL] == 1);
    CHECK_TEXT(progress.url, atmn_attempt_url(progress.attempt));

    FAILS(ATMN_INVALID_ARGUMENT, "text", atmn_attempt_submit(progress.attempt, "am_sk_test_planted00", &error));
    FAILS(ATMN_INVALID_ARGUMENT, "text", atmn_attempt_submit(progress.attempt, "", &error));
    FAILS(ATMN_INVALID_ARGUMENT, "max_ms", atmn_attempt_poll(progress.attempt, -1, &done, &error));
    negative_time(progress.attempt);
    FAILS(ATMN_STATE_MISMATCH, NULL,
          atmn_attempt_submit(progress.attempt, "code=0123456789abcdef0123456789abcdef&state=other", &error));
    CHECK(web_get(progress.url, answer, sizeof answer) == 302);
    WORKS(atmn_attempt_submit(progress.attempt, answer, &error));
    while (done == NULL)
        WORKS(atmn_attempt_poll(progress.attempt, 100, &done, &error));
    check_done(done, 1);
    atmn_login_result_free(done);
    FAILS(ATMN_NO_PENDING_LOGIN, NULL, atmn_attempt_submit(progress.attempt, "garbage", &error));
    FAILS(ATMN_INVALID_ARGUMENT, "attempt", atmn_attempt_wait(progress.attempt, &done, &error));
    atmn_attempt_free(progress.attempt);
    atmn_options_set_sandbox_only(options, 0);

    done = NULL;
    progress.submits = 1;
    WORKS(atmn_start_login(options, NULL, &progress.attempt, &error));
    WORKS(atmn_attempt_wait(progress.attempt, &done, &error));
    check_done(done, 2);
    atmn_login_result_free(done);
    atmn_attempt_free(progress.attempt);
    atmn_options_set_force(options, 0);
}

static void failures(atmn_options *options)
{
    struct progress progress = {{0}, ATMN_EVENT_LOGIN_URL, "", 0, NULL};
    atmn_attempt *next = NULL, *attempts[5] = {NULL};
    atmn_login_result *done = NULL;
    atmn_options_set_on_event(options, on_event, &progress);
    atmn_options_set_force(options, 1);
    FAILS(ATMN_CANCELLED, NULL, atmn_login(options, NULL, &done, &error));

    progress.cancel_at = 0;
    atmn_options_set_login_timeout_ms(options, 1);
    FAILS(ATMN_TIMED_OUT, NULL, atmn_login(options, NULL, &done, &error));
    atmn_options_set_login_timeout_ms(options, 300000);

    atmn_canceller *canceller = atmn_canceller_new();
    atmn_canceller_cancel(canceller);
    FAILS(ATMN_CANCELLED, NULL, atmn_login(options, canceller, &done, &error));
    atmn_canceller_free(canceller);

    for (size_t index = 0; index < 5; index++)
        WORKS(atmn_start_login(options, NULL, &attempts[index], &error));
    FAILS(ATMN_PORTS_IN_USE, NULL, atmn_start_login(options, NULL, &next, &error));
    uint16_t port = atmn_attempt_port(attempts[3]);
    atmn_attempt_cancel(attempts[3]);
    FAILS(ATMN_CANCELLED, NULL, atmn_attempt_wait(attempts[3], &done, &error));
    WORKS(atmn_start_login(options, NULL, &next, &error));
    CHECK(atmn_attempt_port(next) == port); /* free when the wait has returned */
    atmn_attempt_free(next);
    for (size_t index = 0; index < 5; index++)
        atmn_attempt_free(attempts[index]);
    CHECK(done == NULL);
    atmn_options_set_force(options, 0);
    atmn_options_set_on_event(options, NULL, NULL);
}

static int32_t refuse(void *user_data, const atmn_event *event)
{
    CHECK(event != NULL);
    ++*(int *)user_data;
    return 1;
}

/* Over SSH, a hint follows the URL. A callback that has cancelled the call does not receive it. */
static void refused_once(atmn_options *options)
{
    int calls = 0;
    atmn_attempt *started = NULL;
    atmn_login_result *done = NULL;
    CHECK(setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22", 1) == 0);
    atmn_options_set_on_event(options, refuse, &calls);
    atmn_options_set_force(options, 1);
    FAILS(ATMN_CANCELLED, NULL, atmn_login(options, NULL, &done, &error));
    CHECK(calls == 1);
    WORKS(atmn_start_login(options, NULL, &started, &error));
    FAILS(ATMN_CANCELLED, NULL, atmn_attempt_wait(started, &done, &error));
    CHECK(calls == 2);
    atmn_attempt_free(started);
    atmn_options_set_force(options, 0);
    atmn_options_set_on_event(options, NULL, NULL);
    CHECK(unsetenv("SSH_CONNECTION") == 0);
}

static void pending_login(atmn_options *options)
{
    atmn_pending_login *pending = NULL;
    atmn_login_result *done = NULL;
    char answer[4096];
    WORKS(atmn_begin_login(options, NULL, &pending, &error)); /* the keys in the file still work */
    CHECK(atmn_pending_login_kept(pending) != NULL && atmn_pending_login_url(pending) == NULL);
    atmn_pending_login_free(pending);
    atmn_options_set_force(options, 1);
    WORKS(atmn_begin_login(options, NULL, &pending, &error));
    atmn_options_set_force(options, 0);
    CHECK(atmn_pending_login_kept(pending) == NULL);
    CHECK(atmn_pending_login_deadline_ms(pending) > INT64_C(1500000000000));
    CHECK(strstr(atmn_pending_login_note(pending), "paste") != NULL);
    CHECK(web_get(atmn_pending_login_url(pending), answer, sizeof answer) == 302);
    atmn_pending_login_free(pending);
    WORKS(atmn_complete_login(options, answer, NULL, &done, &error));
    check_done(done, 2);
    atmn_login_result_free(done);
    FAILS(ATMN_NO_PENDING_LOGIN, NULL, atmn_complete_login(options, answer, NULL, &done, &error));
}

int main(int count, char **arguments)
{
    CHECK(count == 3);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = atmn_options_new();
        char path[4096];
        atmn_options_set_server(options, arguments[1]);
        atmn_options_set_directory(options, arguments[2]);
        atmn_options_set_boundary(options, arguments[2]);
        login(options);
        whoami(options, arguments[1]);
        attempt(options);
        failures(options);
        refused_once(options);
        pending_login(options);
        atmn_options_free(options);
        CHECK(snprintf(path, sizeof path, "%s/.env", arguments[2]) > 0 && remove(path) == 0);
        residue_check(before);
    }
    return 0;
}
