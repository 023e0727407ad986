/* Several threads, and cancelling from a thread and from a signal handler. Arguments: the URL of a server, an empty
 * project, and a key of the server. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <signal.h>

enum { CALLS = 20 };

static const char *server, *project;
static atmn_canceller *canceller; /* for the signal handler, as the two below */
static atmn_attempt *attempt;
static pthread_t waiting;
static pthread_t canceling; /* the thread of cancel_it or signal_it */

static atmn_options *project_options(void)
{
    atmn_options *options = atmn_options_new();
    atmn_options_set_server(options, server);
    atmn_options_set_directory(options, project);
    atmn_options_set_boundary(options, project);
    atmn_options_set_open_browser(options, 0);
    atmn_options_set_force(options, 1);
    return options;
}

static void *calls(void *shared)
{
    atmn_client *client = shared;
    atmn_options *options = project_options();
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    if (!shared)
        WORKS(atmn_client_new(options, &client, &error));
    for (int index = 0; index < CALLS; index++) {
        atmn_response *response = NULL;
        WORKS(atmn_client_request(client, request, NULL, &response, &error));
        CHECK(atmn_response_status(response) == 200);
        atmn_response_free(response);
    }
    if (!shared)
        atmn_client_free(client);
    atmn_request_free(request);
    atmn_options_free(options);
    return NULL;
}

static void two_threads(atmn_client *shared)
{
    pthread_t threads[2];
    for (int index = 0; index < 2; index++)
        CHECK(pthread_create(&threads[index], NULL, calls, shared) == 0);
    for (int index = 0; index < 2; index++)
        CHECK(pthread_join(threads[index], NULL) == 0);
}

/* The user data of one call: which thread made it, and how many events it has received. */
struct call {
    pthread_t thread;
    atmn_client *client; /* shared, or NULL */
    int events;
};

static int32_t count_event(void *user_data, const atmn_event *event)
{
    struct call *call = user_data;
    CHECK(pthread_equal(call->thread, pthread_self()) && atmn_event_code(event) != 0);
    call->events++;
    return 0;
}

static int32_t wrong_callback(void *user_data, const atmn_event *event)
{
    (void)user_data, (void)event;
    check_failed(__FILE__, __LINE__, "the callback of the client", "called");
    return 1;
}

/* A failed request with retries has events: no server is on this port. */
static void *counted(void *argument)
{
    struct call *call = argument;
    atmn_client *client = call->client;
    atmn_options *options = project_options();
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_response *response = NULL;
    call->thread = pthread_self();
    atmn_options_set_server(options, "http://127.0.0.1:9");
    atmn_options_set_on_event(options, count_event, call);
    if (!client)
        WORKS(atmn_client_new(options, &client, &error));
    else
        atmn_request_set_on_event(request, count_event, call);
    atmn_options_set_on_event(options, wrong_callback, NULL); /* the client has its own */
    FAILS(ATMN_CONNECT_FAILED, NULL, atmn_client_request(client, request, NULL, &response, &error));
    CHECK(call->events > 0);
    if (!call->client)
        atmn_client_free(client);
    atmn_request_free(request);
    atmn_options_free(options);
    return NULL;
}

/* Events reach the callback and the user data of their own call, for two clients and for a shared one. */
static void user_data_of_each_call(atmn_client *shared)
{
    struct call calls[2] = {{.client = shared}, {.client = shared}};
    pthread_t threads[2];
    for (int index = 0; index < 2; index++)
        CHECK(pthread_create(&threads[index], NULL, counted, &calls[index]) == 0);
    for (int index = 0; index < 2; index++)
        CHECK(pthread_join(threads[index], NULL) == 0);
}

static void *cancel_it(void *unused)
{
    (void)unused;
    atmn_canceller_cancel(canceller);
    return NULL;
}

static void *signal_it(void *unused)
{
    (void)unused;
    CHECK(pthread_kill(waiting, SIGUSR1) == 0);
    return NULL;
}

static void handler(int number)
{
    (void)number;
    atmn_canceller_cancel(canceller);
    atmn_attempt_cancel(attempt);
}

/* With this event the call starts to wait: starts the thread that cancels it. */
static int32_t on_event(void *user_data, const atmn_event *event)
{
    if (atmn_event_code(event) == ATMN_EVENT_LOGIN_URL)
        CHECK(pthread_create(&canceling, NULL, *(void *(**)(void *))user_data, NULL) == 0);
    return 0;
}

static void cancelled(void *(*by)(void *))
{
    atmn_options *options = project_options();
    atmn_login_result *done = NULL;
    waiting = pthread_self();
    atmn_options_set_on_event(options, on_event, &by);
    canceller = atmn_canceller_new();
    FAILS(ATMN_CANCELLED, NULL, atmn_login(options, canceller, &done, &error));
    CHECK(pthread_join(canceling, NULL) == 0);
    atmn_canceller_free(canceller);
    canceller = NULL;
    if (by == signal_it) {
        WORKS(atmn_start_login(options, NULL, &attempt, &error));
        FAILS(ATMN_CANCELLED, NULL, atmn_attempt_wait(attempt, &done, &error));
        CHECK(pthread_join(canceling, NULL) == 0);
        atmn_attempt_free(attempt);
        attempt = NULL;
    }
    CHECK(done == NULL);
    atmn_options_free(options);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    server = arguments[1], project = arguments[2];
    char line[512];
    snprintf(line, sizeof line, "AUTUMN_SECRET_KEY=%s\n", arguments[3]);
    write_file(project, ".env", line);
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = project_options();
        atmn_client *client = NULL;
        two_threads(NULL);
        WORKS(atmn_client_new(options, &client, &error));
        two_threads(client);
        atmn_client_free(client);
        user_data_of_each_call(NULL);
        atmn_options_set_server(options, "http://127.0.0.1:9");
        atmn_options_set_on_event(options, wrong_callback, NULL);
        WORKS(atmn_client_new(options, &client, &error));
        user_data_of_each_call(client);
        atmn_client_free(client);
        cancelled(cancel_it);
        cancelled(signal_it);
        atmn_options_free(options);
        residue_check(before);
    }
    return 0;
}
