/* The C program of `make soak`: many logins and many calls in one process. See `watch.py`. */
#include <stdio.h>
#include <stdlib.h>

#include <atmn.h>

static int32_t on_event(void *user_data, const atmn_event *event)
{
    (void)user_data;
    (void)event;
    return 0;
}

static void check(atmn_code code, atmn_error *error)
{
    if (code == ATMN_OK)
        return;
    fprintf(stderr, "%s\n", atmn_error_message(error));
    exit(1);
}

/* Waits for `watch.py` to measure this process, every few turns. */
static void pause_at(const char *what, int turn, int every)
{
    char line[16];
    if (turn % every != 0)
        return;
    printf("%s %d\n", what, turn);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(1);
}

int main(void)
{
    atmn_error *error = NULL;
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/organization/me");
    atmn_options *options = atmn_options_new();

    atmn_options_set_force(options, 1);
    atmn_options_set_on_event(options, on_event, NULL);
    for (int turn = 1; turn <= 200; turn++) {
        atmn_login_result *result = NULL;
        check(atmn_login(options, NULL, &result, &error), error);
        atmn_login_result_free(result);
        pause_at("logins", turn, 50);
    }
    check(atmn_client_new(options, &client, &error), error);
    for (int turn = 1; turn <= 10000; turn++) {
        atmn_response *response = NULL;
        check(atmn_client_request(client, request, NULL, &response, &error), error);
        atmn_response_free(response);
        pause_at("calls", turn, 2500);
    }
    atmn_client_free(client);
    atmn_request_free(request);
    atmn_options_free(options);
    return 0;
}
