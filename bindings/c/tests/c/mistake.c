/* A program with a mistake that sanitizers and valgrind must find. Argument: which one. */
#include "check.h"

#include <pthread.h>

static atmn_verdict verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    (void)user_data, (void)key, (void)kind, (void)environment;
    return ATMN_VERDICT_UNKNOWN;
}

/* Two threads change this variable without a lock. The library's suppressions must not hide a race of the program, even
   one in a callback. */
static int shared;

static int32_t racing(void *user_data, const atmn_event *event)
{
    (void)user_data, (void)event;
    shared++;
    return 0;
}

static void *refused(void *options)
{
    CHECK(atmn_authenticate(options, "GET", "/v1/customers", NULL, NULL, verify, NULL, NULL) != ATMN_OK);
    return NULL;
}

static int race(void)
{
    pthread_t threads[2];
    atmn_options *options = atmn_options_new();
    atmn_options_set_on_event(options, racing, NULL);
    for (int index = 0; index < 2; index++)
        CHECK(pthread_create(&threads[index], NULL, refused, options) == 0);
    for (int index = 0; index < 2; index++)
        CHECK(pthread_join(threads[index], NULL) == 0);
    atmn_options_free(options);
    return 0;
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    if (strcmp(arguments[1], "race") == 0)
        return race();
    atmn_options *options = atmn_options_new();
    atmn_locations *locations = NULL;
    WORKS(atmn_explain_key(options, &locations, &error));
    atmn_options_free(options);
    /* Reads a text whose owner is already free. */
    if (strcmp(arguments[1], "late") == 0) {
        const char *text = atmn_location_text(atmn_locations_get(locations, 0));
        atmn_locations_free(locations);
        return *text == 'A' ? 0 : 2;
    }
    /* Loses the last pointer to the list without freeing it. */
    locations = NULL;
    return locations != NULL;
}
