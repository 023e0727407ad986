/* A thread that is cancelled during a call, or in a callback, ends after the call has returned; nothing stays locked.
 * Arguments: the URL of a server, and an empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <pthread.h>

static const char *server, *project;
static pthread_barrier_t waiting;
static atmn_canceller *canceller;
static volatile int returned;

static int32_t meet(void *user_data, const atmn_event *event)
{
    (void)user_data;
    if (atmn_event_code(event) == ATMN_EVENT_LOGIN_URL)
        pthread_barrier_wait(&waiting);
    return 0;
}

static int32_t cancel_own_thread(void *user_data, const atmn_event *event)
{
    (void)user_data, (void)event;
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return 1;
}

static void *log_in(void *on_event)
{
    atmn_options *options = atmn_options_new();
    atmn_login_result *result = NULL;
    atmn_options_set_server(options, server);
    atmn_options_set_directory(options, project);
    atmn_options_set_open_browser(options, 0);
    atmn_options_set_force(options, 1);
    atmn_options_set_on_event(options, *(atmn_event_callback *)on_event, NULL);
    atmn_code code = atmn_login(options, canceller, &result, NULL);
    returned = code == ATMN_CANCELLED && result == NULL;
    atmn_options_free(options);
    pthread_testcancel();
    return NULL;
}

static void cancelled_thread(atmn_event_callback on_event, int from_outside)
{
    pthread_t thread;
    void *result = NULL;
    returned = 0;
    canceller = atmn_canceller_new();
    CHECK(pthread_create(&thread, NULL, log_in, &on_event) == 0);
    if (from_outside) {
        pthread_barrier_wait(&waiting);
        CHECK(pthread_cancel(thread) == 0);
        atmn_canceller_cancel(canceller);
    }
    CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED && returned);
    atmn_canceller_free(canceller);
}

int main(int count, char **arguments)
{
    CHECK(count == 3);
    server = arguments[1], project = arguments[2];
    CHECK(pthread_barrier_init(&waiting, NULL, 2) == 0);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        cancelled_thread(meet, 1);
        cancelled_thread(cancel_own_thread, 0);
        residue_check(before);
    }
    return 0;
}
