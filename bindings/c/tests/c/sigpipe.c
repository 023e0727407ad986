/* SIGPIPE belongs to the program: no call raises it, takes it away or leaves it blocked. Arguments: the URL of a TLS
 * server that resets each connection after the request, the URL of a server that approves every login, and an empty
 * project. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static const char *resetting, *approving, *project;
static volatile sig_atomic_t received;

static void count_signal(int number)
{
    (void)number;
    received++;
}

/* `signal` would remove the handler with the first signal. */
static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(number, &action, NULL) == 0);
}

static int is_blocked(void)
{
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    return sigismember(&mask, SIGPIPE);
}

static int is_pending(void)
{
    sigset_t pending;
    CHECK(sigpending(&pending) == 0);
    return sigismember(&pending, SIGPIPE);
}

static void block(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    CHECK(pthread_sigmask(how, &set, NULL) == 0);
}

static int32_t on_event(void *user_data, const atmn_event *event)
{
    (void)user_data;
    return atmn_event_code(event) == ATMN_EVENT_BROWSER_FAILED;
}

static void *visit(void *url)
{
    char next[64];
    CHECK(web_get(url, next, sizeof next) > 0);
    free(url);
    return NULL;
}

/* Approves the login: a browser comes back to the callback port, and the call sends the code to the server. */
static int32_t approve(void *user_data, const atmn_event *event)
{
    (void)user_data;
    if (atmn_event_code(event) == ATMN_EVENT_LOGIN_URL) {
        const char *state = strstr(atmn_event_context_find(event, "url"), "state=");
        char *url = calloc(1, 1024);
        pthread_t thread;
        CHECK(state != NULL && url != NULL);
        snprintf(url, 1024, "http://localhost:%s/?code=x&%.*s", atmn_event_context_find(event, "port"),
                 (int)strcspn(state, "&"), state);
        CHECK(pthread_create(&thread, NULL, visit, url) == 0);
        CHECK(pthread_detach(thread) == 0);
    }
    return 0;
}

/* Each of these calls writes to a connection that the server has reset. */
static void reset_calls(void)
{
    atmn_options *options = options_for(resetting, project);
    atmn_identity *identity = NULL;
    atmn_client *client = NULL;
    atmn_response *response = NULL;
    atmn_login_result *result = NULL;
    atmn_request *request = atmn_request_new("POST", "/v1/customers");
    atmn_request_set_body(request, "{}", 2);
    atmn_options_set_key(options, "am_sk_test_planted000000000");
    atmn_options_set_on_event(options, approve, NULL);
    atmn_options_set_open_browser(options, 0);
    FAILS(ATMN_CONNECTION_LOST, NULL, atmn_whoami(options, NULL, &identity, &error));
    WORKS(atmn_client_new(options, &client, &error));
    FAILS(ATMN_CONNECTION_LOST, NULL, atmn_client_request(client, request, NULL, &response, &error));
    atmn_client_free(client);
    FAILS(ATMN_CONNECTION_LOST, NULL, atmn_login(options, NULL, &result, &error));
    atmn_request_free(request);
    atmn_options_free(options);
}

/* A callback runs with the disposition and the mask of the program. */
static int32_t raise_it(void *user_data, const atmn_event *event)
{
    (void)event;
    CHECK(!is_blocked());
    int before = received;
    CHECK(raise(SIGPIPE) == 0 && received == before + 1);
    *(int *)user_data += 1;
    return 0;
}

static atmn_verdict raise_in_verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    (void)key, (void)kind, (void)environment;
    raise_it(user_data, NULL);
    return ATMN_VERDICT_VALID;
}

static void callbacks(void)
{
    int called = 0;
    atmn_options *options = options_for(approving, project);
    handle(SIGPIPE, count_signal);
    atmn_options_set_on_event(options, raise_it, &called);
    WORKS(atmn_authenticate(NULL, "GET", "/v1/customers", "Bearer am_sk_test_planted000000000", NULL,
                            raise_in_verify, &called, &error));
    CHECK(called == 1);
    FAILS(ATMN_NO_SECRET_KEY, NULL, atmn_authenticate(options, "GET", "/v1/customers", NULL, NULL,
                                                      raise_in_verify, &called, &error));
    CHECK(called == 2);
    handle(SIGPIPE, SIG_DFL);
    atmn_options_free(options);
}

/* A signal that was sent to this thread during the call, by a handler of the program, is delivered after it. */
static void raise_meanwhile(int number)
{
    (void)number;
    raise(SIGPIPE);
}

static void sent_by_others(void)
{
    atmn_options *options = options_for("http://127.0.0.1:9", project); /* no server: the call tries for a while */
    atmn_client *client = NULL;
    atmn_response *response = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    handle(SIGALRM, raise_meanwhile);
    received = 0;
    handle(SIGPIPE, count_signal);
    atmn_options_set_key(options, "am_sk_test_planted000000000");
    WORKS(atmn_client_new(options, &client, &error));
    alarm(1);
    while (!received) {
        atmn_error *error = NULL;
        CHECK(atmn_client_request(client, request, NULL, &response, &error) == ATMN_CONNECT_FAILED);
        atmn_error_free(error);
    }
    CHECK(received == 1);
    handle(SIGPIPE, SIG_DFL);
    handle(SIGALRM, SIG_DFL);
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_options_free(options);
}

/* A signal that waits for the program since before the call still waits for it afterwards. */
static void pending_before(void)
{
    int number = 0;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    block(SIG_BLOCK);
    reset_calls();
    CHECK(is_blocked() && !is_pending());
    CHECK(raise(SIGPIPE) == 0 && is_pending());
    reset_calls();
    CHECK(is_blocked() && is_pending());
    CHECK(sigwait(&set, &number) == 0 && number == SIGPIPE && !is_pending());
    block(SIG_UNBLOCK);
}

/* The browser of the tests visits the URL only if SIGPIPE is not blocked. */
static void browser_inherits_nothing(void)
{
    atmn_options *options = options_for(approving, project);
    atmn_login_result *result = NULL;
    atmn_options_set_on_event(options, on_event, NULL);
    WORKS(atmn_login(options, NULL, &result, &error));
    atmn_login_result_free(result);
    atmn_options_free(options);
}

/* Without a reader, stderr raises SIGPIPE, too. */
static void broken_stderr(void)
{
    atmn_options *options = options_for(approving, project);
    atmn_login_result *result = NULL;
    int ends[2], saved = dup(STDERR_FILENO);
    CHECK(saved >= 0 && pipe(ends) == 0 && close(ends[0]) == 0);
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
    CHECK(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO && close(ends[1]) == 0);
    atmn_error *error = NULL;
    atmn_code code = atmn_login(options, NULL, &result, &error);
    CHECK(dup2(saved, STDERR_FILENO) == STDERR_FILENO && close(saved) == 0);
    CHECK(code == ATMN_CANCELLED && result == NULL);
    CHECK(strstr(atmn_error_cause(error), "Broken pipe") != NULL);
    atmn_error_free(error);
    atmn_options_free(options);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    resetting = arguments[1], approving = arguments[2], project = arguments[3];
    handle(SIGPIPE, SIG_DFL);
    block(SIG_UNBLOCK);
    for (int round = 0; round < 2; round++) {
        reset_calls();
        CHECK(!is_blocked() && !is_pending());
    }
    pending_before();
    callbacks();
    sent_by_others();
    browser_inherits_nothing();
    broken_stderr();
    CHECK(!is_blocked() && !is_pending());
    return 0;
}
