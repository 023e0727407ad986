/* Calls while the program starts and ends. Argument: an empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <pthread.h>

static const char *project = "/";

/* Calls that start a thread for the network. */
static void starts(atmn_options *options, int is_ending)
{
    atmn_attempt *attempt = NULL;
    atmn_client *client = NULL;
    atmn_options_set_open_browser(options, 0);
    if (is_ending) {
        FAILS(ATMN_INVALID_ARGUMENT, "runtime", atmn_start_login(options, NULL, &attempt, &error));
        FAILS(ATMN_INVALID_ARGUMENT, "runtime", atmn_client_new(options, &client, &error));
    } else {
        WORKS(atmn_start_login(options, NULL, &attempt, &error));
        WORKS(atmn_client_new(options, &client, &error));
    }
    atmn_attempt_free(attempt);
    atmn_client_free(client);
}

/* Calls that need no network always work; the others fail with a code. */
static void calls(int is_ending)
{
    atmn_options *options = atmn_options_new();
    atmn_resolved_key *resolved = NULL;
    atmn_identity *identity = NULL;
    atmn_error *error = NULL;
    atmn_options_set_directory(options, project);
    atmn_options_set_key(options, "am_sk_test_planted000000000");
    atmn_options_set_server(options, "http://127.0.0.1:9"); /* no server */
    WORKS(atmn_resolve_key(options, &resolved, &error));
    atmn_code code = atmn_whoami(options, NULL, &identity, &error);
    CHECK(code == (is_ending ? ATMN_INVALID_ARGUMENT : ATMN_CONNECT_FAILED) && identity == NULL);
    atmn_error_free(error);
    starts(options, is_ending);
    atmn_resolved_key_free(resolved);
    atmn_options_free(options);
}

__attribute__((constructor)) static void on_load(void)
{
    calls(0);
}

__attribute__((destructor)) static void on_unload(void)
{
    calls(1);
}

static void on_exit_of_program(void)
{
    calls(1);
}

static void on_end_of_thread(void *value)
{
    (void)value;
    calls(1);
}

static void *with_value(void *key)
{
    CHECK(pthread_setspecific(*(pthread_key_t *)key, "a value") == 0);
    calls(0);
    return NULL;
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    project = arguments[1];
    CHECK(atexit(on_exit_of_program) == 0);
    calls(0);
    pthread_key_t key;
    pthread_t thread;
    CHECK(pthread_key_create(&key, on_end_of_thread) == 0);
    CHECK(pthread_create(&thread, NULL, with_value, &key) == 0 && pthread_join(thread, NULL) == 0);
    return 0;
}
