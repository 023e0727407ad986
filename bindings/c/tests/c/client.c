/* Requests and re-authentication. Arguments: the URL of a server that approves every login, and an empty project.
 * $BROWSER is the browser of the tests. */
#include "check.h"

static int events[64];
static atmn_client *pasting; /* the event callback submits the callback URL to this client */

static int32_t on_event(void *user_data, const atmn_event *event)
{
    CHECK(user_data == events);
    events[atmn_event_code(event)]++;
    if (pasting && atmn_event_code(event) == ATMN_EVENT_LOGIN_URL) {
        char answer[4096];
        CHECK(web_get(atmn_event_context_find(event, "url"), answer, sizeof answer) == 302);
        WORKS(atmn_client_submit(pasting, answer, &error));
    }
    return 0;
}

static void refused(atmn_client *client)
{
    static const char big[] = "x";
    atmn_response *response = NULL;
    atmn_request *request = atmn_request_new("GET", "no slash");
    FAILS(ATMN_INVALID_ARGUMENT, "path", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_free(request);
    request = atmn_request_new("GET", "/v1/customers");
    atmn_request_set_body(request, big, (size_t)-1);
    FAILS(ATMN_INVALID_ARGUMENT, "length", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_set_body(request, NULL, 1);
    FAILS(ATMN_NULL_ARGUMENT, "body", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_set_body(request, NULL, 0);
    atmn_request_add_query(request, "limit", NULL);
    FAILS(ATMN_NULL_ARGUMENT, "value", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_free(request);
    request = atmn_request_new("GET", "/v1/customers");
    atmn_request_add_header(request, NULL, "x");
    FAILS(ATMN_NULL_ARGUMENT, "name", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_free(request);
    request = atmn_request_new("GET", "/v1/customers");
    atmn_request_add_header(request, "authorization", "Bearer mine");
    FAILS(ATMN_INVALID_ARGUMENT, "header", atmn_client_request(client, request, NULL, &response, &error));
    atmn_request_free(request);
    request = atmn_request_new("GET", "/v1/nowhere");
    atmn_error *error = NULL;
    CHECK(atmn_client_request(client, request, NULL, &response, &error) == ATMN_API_ERROR);
    CHECK(atmn_error_status(error) == 404 && atmn_error_body(error) == NULL);
    CHECK_TEXT(atmn_error_context_find(error, "status"), "404");
    atmn_error_free(error);
    atmn_request_free(request);
    CHECK(response == NULL);
}

/* What needs no network is refused when a request is started. */
static void refused_at_once(atmn_client *client)
{
    static char path[70000];
    atmn_started_request *started = NULL;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    const char *const bad[][3] = {
        {"BREW", "/v1/x", "method"}, {"GET", "v1/x", "path"}, {"GET", "/a b", "path"}, {"GET", path, "path"}};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        atmn_request *request = atmn_request_new(bad[index][0], bad[index][1]);
        FAILS(ATMN_INVALID_ARGUMENT, bad[index][2], atmn_client_start_request(client, request, NULL, &started, &error));
        atmn_request_free(request);
    }
    atmn_request *request = atmn_request_new("GET", "/v1/x");
    atmn_request_add_query(request, "q", path);
    FAILS(ATMN_INVALID_ARGUMENT, "query", atmn_client_start_request(client, request, NULL, &started, &error));
    atmn_request_free(request);
    request = atmn_request_new("GET", "/v1/x");
    atmn_request_add_header(request, "a b", "x");
    FAILS(ATMN_INVALID_ARGUMENT, "header", atmn_client_start_request(client, request, NULL, &started, &error));
    atmn_request_free(request);
    CHECK(started == NULL);
}

static int32_t count_event(void *user_data, const atmn_event *event)
{
    CHECK(event != NULL);
    ++*(int *)user_data;
    return 0;
}

/* The server rejects the key, which is an event. A started request has its own callback, as one that is waited for has. */
static void started_with_own_callback(const char *server)
{
    int own = 0, of_client = 0;
    atmn_options *options = atmn_options_new();
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_started_request *started = NULL;
    atmn_response *response = NULL;
    atmn_options_set_server(options, server);
    atmn_options_set_key(options, "am_sk_test_planted000000000");
    atmn_options_set_on_event(options, count_event, &of_client);
    atmn_request_set_on_event(request, count_event, &own);
    WORKS(atmn_client_new(options, &client, &error));
    WORKS(atmn_client_start_request(client, request, NULL, &started, &error));
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_code code = ATMN_OK;
    while (code == ATMN_OK && response == NULL)
        code = atmn_started_request_poll(started, 1000, &response, NULL);
    CHECK(response == NULL && own > 0 && of_client == 0);
    atmn_started_request_free(started);
    atmn_options_free(options);
}

static void answered(atmn_client *client)
{
    static const char body[] = "{\"id\":\"cus_1\",\"name\":\"Ada\"}";
    atmn_response *response = NULL;
    size_t length = 0;
    atmn_request *request = atmn_request_new("post", "/v1/customers");
    atmn_request_set_body(request, body, sizeof body - 1);
    atmn_request_set_content_type(request, "application/json");
    atmn_request_set_idempotency_key(request, "create-cus_1");
    atmn_request_add_header(request, "X-Request-Source", "test");
    WORKS(atmn_client_request(client, request, NULL, &response, &error));
    CHECK(atmn_response_status(response) == 200);
    CHECK(strstr(atmn_response_headers_find(response, "Content-Type"), "application/json") != NULL);
    CHECK(atmn_response_headers_find(response, "x-none") == NULL && atmn_response_headers_find(response, NULL) == NULL);
    CHECK(atmn_response_headers_count(response) > 1);
    const atmn_entry *header = atmn_response_headers_get(response, 0);
    CHECK(atmn_entry_name(header) != NULL && atmn_entry_value(header) != NULL);
    CHECK(atmn_response_headers_get(response, atmn_response_headers_count(response)) == NULL);
    CHECK(strstr(atmn_response_body(response, &length), "cus_1") != NULL);
    CHECK(length == strlen(atmn_response_body(response, NULL)));
    CHECK(atmn_response_body(NULL, &length) == NULL && length == 0);
    atmn_response_free(response);
    atmn_request_free(request);

    request = atmn_request_new("GET", "/v1/customers");
    atmn_request_add_query(request, "limit", "1");
    for (int round = 0; round < 2; round++) {
        WORKS(atmn_client_request(client, request, NULL, &response, &error));
        atmn_response_free(response);
    }
    atmn_request_free(request);
}

static void pasted(atmn_options *options, const char *project, const atmn_request *request)
{
    atmn_response *response = NULL;
    atmn_options_set_open_browser(options, 0);
    atmn_options_set_reauth(options, ATMN_REAUTH_ALWAYS);
    WORKS(atmn_client_new(options, &pasting, &error));
    WORKS(atmn_client_request(pasting, request, NULL, &response, &error));
    CHECK(events[ATMN_EVENT_KEYS_SAVED] == 1 && events[ATMN_EVENT_BROWSER_OPENED] == 0);
    atmn_response_free(response);
    atmn_client_free(pasting);
    pasting = NULL;
    memset(events, 0, sizeof events);
    atmn_options_set_open_browser(options, 1);
    write_file(project, ".env", "AUTUMN_SECRET_KEY=am_sk_test_planted000000000\n");
}

int main(int count, char **arguments)
{
    CHECK(count == 3);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = atmn_options_new();
        atmn_client *client = NULL;
        atmn_response *response = NULL;
        atmn_resolved_key *found = NULL;
        char path[4096];
        memset(events, 0, sizeof events);
        write_file(arguments[2], ".env", "AUTUMN_SECRET_KEY=am_sk_test_planted000000000\n");
        atmn_options_set_server(options, arguments[1]);
        atmn_options_set_directory(options, arguments[2]);
        atmn_options_set_boundary(options, arguments[2]);
        atmn_options_set_on_event(options, on_event, events);

        /* A key that the server does not know: the call fails; with reauth, it logs in and repeats the request. */
        atmn_request *request = atmn_request_new("GET", "/v1/customers");
        WORKS(atmn_client_new(options, &client, &error));
        atmn_error *needed = NULL, *none = NULL;
        CHECK(atmn_client_request(client, request, NULL, &response, &needed) == ATMN_LOGIN_NEEDED);
        CHECK(strstr(atmn_error_message(needed), "`ATMN_REAUTH_NEVER`") != NULL);
        atmn_error_free(needed);
        CHECK(atmn_client_submit(client, "code=1&state=2", &none) == ATMN_NO_PENDING_LOGIN);
        CHECK(strstr(atmn_error_hint(none), "`ATMN_EVENT_LOGIN_URL`") != NULL);
        atmn_error_free(none);
        atmn_client_free(client);
        pasted(options, arguments[2], request);
        WORKS(atmn_client_new(options, &client, &error));
        atmn_options_free(options); /* the client has copied them */
        WORKS(atmn_client_request(client, request, NULL, &response, &error));
        CHECK(events[ATMN_EVENT_KEYS_SAVED] == 1 && events[ATMN_EVENT_REQUEST_REPEATED] == 1);
        atmn_response_free(response);
        response = NULL;
        atmn_request_free(request);

        answered(client);
        refused(client);
        refused_at_once(client);
        started_with_own_callback(arguments[1]);
        /* The organization of this key is not known. There is no request to repeat, so the caller gets the new key. */
        WORKS(atmn_client_reauthenticate(client, "am_sk_test_planted000000000", NULL, &found, &error));
        CHECK(found != NULL);
        atmn_resolved_key_free(found);
        found = NULL;
        FAILS(ATMN_MALFORMED_KEY, NULL, atmn_client_reauthenticate(client, "what", NULL, &found, &error));
        FAILS(ATMN_WRONG_KEY_KIND, NULL, atmn_client_reauthenticate(client, "am_pk_test_x", NULL, &found, &error));
        atmn_client_free(client);
        CHECK(snprintf(path, sizeof path, "%s/.env", arguments[2]) > 0 && remove(path) == 0);
        residue_check(before);
    }
    return 0;
}
