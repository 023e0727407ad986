/* One client in two processes after `fork`. Arguments: the URL of a server, an empty project, and a key of the
 * server. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

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
    return 0;
}
