/* A program that may start no further thread. It runs as root, and becomes an account of which nothing else runs. */
#define _GNU_SOURCE
#include "check.h"

#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

static void no_thread(atmn_code code, atmn_error **out)
{
    atmn_error *error = *out;
    CHECK(code == ATMN_SYSTEM_LIMIT);
    CHECK(strstr(atmn_error_message(error), "Could not start a thread: Resource temporarily unavailable") != NULL);
    CHECK_TEXT(atmn_error_context_find(error, "system_code"), "EAGAIN");
    CHECK(strstr(atmn_error_hint(error), "threads") != NULL);
    atmn_error_free(error);
    *out = NULL;
}

int main(void)
{
    atmn_options *options = atmn_options_new();
    atmn_request *request = atmn_request_new("POST", "/v1/customers");
    atmn_client *client = NULL;
    atmn_identity *identity = NULL;
    atmn_response *response = NULL;
    atmn_started_request *started = NULL;
    atmn_error *error = NULL;
    CHECK(setgroups(0, NULL) == 0 && setgid(54321) == 0 && setuid(54321) == 0);
    CHECK(chdir("/") == 0);
    atmn_options_set_key(options, "am_sk_test_planted000000000");
    atmn_options_set_server(options, "https://no-such.invalid");
    WORKS(atmn_client_new(options, &client, &error));
    struct rlimit limit = {1, 100};
    CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
    atmn_code code = atmn_whoami(options, NULL, &identity, &error);
    no_thread(code, &error);
    code = atmn_client_start_request(client, request, NULL, &started, &error);
    no_thread(code, &error);
    code = atmn_client_request(client, request, NULL, &response, &error);
    no_thread(code, &error);
    limit.rlim_cur = 100;
    CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
    FAILS(ATMN_RESOLVE_FAILED, NULL, atmn_whoami(options, NULL, &identity, &error));
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_options_free(options);
    return 0;
}
