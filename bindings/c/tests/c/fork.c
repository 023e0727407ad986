/* One client, and one login, in two processes after `fork`. Arguments: the URL of a server, an empty project, and a key of the
 * server. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

/* The thread of a login stays in the parent. The child must not wait for it, nor end the login. */
static void login_stays_in_parent(const char *server, const char *project)
{
    char answer[4096];
    int status = 1;
    atmn_options *options = atmn_options_new();
    atmn_attempt *attempt = NULL;
    atmn_login_result *done = NULL;
    atmn_options_set_server(options, server);
    atmn_options_set_directory(options, project);
    atmn_options_set_open_browser(options, 0);
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        FAILS(ATMN_INVALID_ARGUMENT, "attempt", atmn_attempt_poll(attempt, 60000, &done, &error));
        FAILS(ATMN_INVALID_ARGUMENT, "attempt", atmn_attempt_wait(attempt, &done, &error));
        CHECK(atmn_attempt_timeout_ms(attempt) == -1);
        atmn_attempt_cancel(attempt);
        atmn_attempt_free(attempt);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(web_get(atmn_attempt_url(attempt), answer, sizeof answer) == 302);
    WORKS(atmn_attempt_submit(attempt, answer, &error));
    WORKS(atmn_attempt_wait(attempt, &done, &error));
    CHECK(atmn_login_result_keys_count(done) == 2);
    atmn_login_result_free(done);
    atmn_attempt_free(attempt);
    atmn_options_free(options);
}

static void call(atmn_client *client)
{
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_response *response = NULL;
    WORKS(atmn_client_request(client, request, NULL, &response, &error));
    CHECK(atmn_response_status(response) == 200);
    atmn_response_free(response);
    atmn_request_free(request);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    atmn_options *options = atmn_options_new();
    atmn_client *client = NULL;
    atmn_options_set_server(options, arguments[1]);
    atmn_options_set_key(options, arguments[3]);
    WORKS(atmn_client_new(options, &client, &error));
    call(client);
    for (int round = 0; round < 2; round++) {
        int status = 1;
        pid_t child = fork();
        CHECK(child >= 0);
        call(client); /* neither process uses the connections of the other */
        call(client);
        if (child == 0) {
            atmn_client_free(client);
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    call(client);
    atmn_client_free(client);
    atmn_options_free(options);
    login_stays_in_parent(arguments[1], arguments[2]);
    return 0;
}
