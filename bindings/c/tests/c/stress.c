/* 100,000 calls by four threads; argument: how many calls each thread makes between two changes of the environment, and
 * an empty project. Variables change only while no thread is in a call. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, KINDS = 4 };

static const char *project;
static int calls;
static const char KEY[] = "am_sk_test_planted000000000";

static int32_t on_event(void *user_data, const atmn_event *event)
{
    CHECK(atmn_event_code(event) == ATMN_EVENT_REQUEST_REFUSED);
    ++*(int *)user_data;
    return 0;
}

static atmn_verdict verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    CHECK(kind == ATMN_KIND_SECRET && environment == ATMN_ENVIRONMENT_SANDBOX);
    ++*(int *)user_data;
    return strcmp(key, KEY) == 0 ? ATMN_VERDICT_VALID : ATMN_VERDICT_UNKNOWN;
}

static void resolve(atmn_options *options)
{
    atmn_resolved_key *resolved = NULL;
    WORKS(atmn_resolve_key(options, &resolved, &error));
    CHECK_TEXT(atmn_key_reveal(atmn_resolved_key_key(resolved)), KEY);
    atmn_resolved_key_free(resolved);
}

static void explain(atmn_options *options)
{
    atmn_locations *locations = NULL;
    WORKS(atmn_explain_key(options, &locations, &error));
    CHECK(atmn_locations_count(locations) > 1);
    atmn_locations_free(locations);
}

static void classify(void)
{
    atmn_kind kind = 0;
    atmn_environment environment = 0;
    WORKS(atmn_classify_key(KEY, &kind, &environment, &error));
    CHECK(kind == ATMN_KIND_SECRET && environment == ATMN_ENVIRONMENT_SANDBOX);
}

static void authenticate(atmn_options *options, int *verified)
{
    WORKS(atmn_authenticate(options, "GET", "/v1/customers", "Bearer am_sk_test_planted000000000", NULL, verify,
                            verified, &error));
    FAILS(ATMN_INVALID_SECRET_KEY, NULL, atmn_authenticate(options, "GET", "/v1/customers", "Bearer am_sk_test_x",
                                                           NULL, verify, verified, &error));
}

static void *work(void *unused)
{
    int refused = 0, verified = 0; /* the user data of this thread's calls */
    atmn_options *options = atmn_options_new();
    atmn_options_set_directory(options, project);
    atmn_options_set_boundary(options, project);
    atmn_options_set_on_event(options, on_event, &refused);
    for (int index = 0; index < calls; index += KINDS + 1) {
        resolve(options);
        explain(options);
        classify();
        authenticate(options, &verified);
    }
    CHECK(refused > 0 && verified == 2 * refused);
    atmn_options_free(options);
    return unused;
}

int main(int count, char **arguments)
{
    CHECK(count == 3);
    calls = atoi(arguments[1]), project = arguments[2];
    char line[128];
    snprintf(line, sizeof line, "AUTUMN_SECRET_KEY=%s\n", KEY);
    write_file(project, ".env", line);
    CHECK(setenv("AUTUMN_PROD_SECRET_KEY", "am_sk_live_planted000000000", 1) == 0);
    for (int round = 0; round < 20; round++) {
        pthread_t threads[THREADS];
        char name[32], value[64];
        for (int index = 0; index < THREADS; index++)
            CHECK(pthread_create(&threads[index], NULL, work, NULL) == 0);
        for (int index = 0; index < THREADS; index++)
            CHECK(pthread_join(threads[index], NULL) == 0);
        for (int index = 0; index < 20; index++) {
            snprintf(name, sizeof name, "VARIABLE_%d", index * round);
            snprintf(value, sizeof value, "%*d", 1 + round, index);
            CHECK(setenv(name, value, 1) == 0);
            if (index % 3 == 0)
                CHECK(unsetenv(name) == 0);
        }
        /* A key in the environment takes precedence; it is the same one. */
        CHECK((round % 2 ? unsetenv("AUTUMN_SECRET_KEY") : setenv("AUTUMN_SECRET_KEY", KEY, 1)) == 0);
    }
    return 0;
}
