/* A login and a request in libuv's event loop. Arguments: the URL of a server that approves every login, an empty project,
 * and a key of the server. */
#define _GNU_SOURCE
#include "check.h"

#include <uv.h>

static uv_poll_t watcher;
static atmn_attempt *attempt;
static atmn_login_result *login;
static atmn_started_request *request;
static atmn_response *response;
static int events, wakes;

static int32_t on_event(void *user_data, const atmn_event *event)
{
    (void)user_data, (void)event;
    events++;
    return 0;
}

static void finish(void)
{
    uv_poll_stop(&watcher);
    uv_close((uv_handle_t *)&watcher, NULL);
}

static void login_is_ready(uv_poll_t *handle, int status, int ready)
{
    (void)handle;
    CHECK(status == 0 && ready & UV_READABLE);
    wakes++;
    WORKS(atmn_attempt_poll(attempt, 0, &login, &error));
    if (login != NULL)
        finish();
}

static void request_is_ready(uv_poll_t *handle, int status, int ready)
{
    (void)handle;
    CHECK(status == 0 && ready & UV_READABLE);
    WORKS(atmn_started_request_poll(request, 0, &response, &error));
    if (response != NULL)
        finish();
}

static void run(uv_loop_t *loop, int fd, uv_poll_cb callback)
{
    CHECK(fd >= 0);
    CHECK(uv_poll_init(loop, &watcher, fd) == 0);
    CHECK(uv_poll_start(&watcher, UV_READABLE, callback) == 0);
    CHECK(uv_run(loop, UV_RUN_DEFAULT) == 0);
}

static void both(uv_loop_t *loop, const atmn_options *options)
{
    atmn_client *client = NULL;
    atmn_request *get = atmn_request_new("GET", "/v1/customers");
    events = wakes = 0, login = NULL, response = NULL;
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    run(loop, atmn_attempt_fd(attempt), login_is_ready);
    CHECK(atmn_login_result_keys_count(login) == 2);
    CHECK(events >= 4 && wakes <= events + 1); /* no wake-up without an event or the result */
    atmn_login_result_free(login);
    atmn_attempt_free(attempt);

    WORKS(atmn_client_new(options, &client, &error));
    WORKS(atmn_client_start_request(client, get, NULL, &request, &error));
    run(loop, atmn_started_request_fd(request), request_is_ready);
    CHECK(atmn_response_status(response) == 200);
    atmn_response_free(response);
    atmn_started_request_free(request);
    atmn_request_free(get);
    atmn_client_free(client);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    uv_loop_t loop;
    CHECK(uv_loop_init(&loop) == 0);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = options_for(arguments[1], arguments[2]);
        atmn_options_set_on_event(options, on_event, NULL);
        both(&loop, options);
        atmn_options_free(options);
        residue_check(before);
    }
    CHECK(uv_loop_close(&loop) == 0);
    return 0;
}
