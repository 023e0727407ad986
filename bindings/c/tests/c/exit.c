/* Calls while the program starts and ends. Argument: an empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

static const char *project = "/";

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

int main(int count, char **arguments)
{
    CHECK(count == 2);
    project = arguments[1];
    CHECK(atexit(on_exit_of_program) == 0);
    calls(0);
    return 0;
}
