/* Requests to a server of your own: the eight refusals, dashboard requests, and the callbacks. */
#include "check.h"

struct store {
    atmn_verdict verdict;
    int asked, events;
    atmn_kind kind;
    char key[64], event[256];
};

static atmn_verdict verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    struct store *store = user_data;
    store->asked++;
    store->kind = kind;
    CHECK((key == NULL) == (kind == 0) && (kind == 0) == (environment == 0));
    snprintf(store->key, sizeof store->key, "%s", key ? key : "");
    return store->verdict;
}

static int32_t on_event(void *user_data, const atmn_event *event)
{
    struct store *store = user_data;
    store->events++;
    CHECK(atmn_event_code(event) == ATMN_EVENT_REQUEST_REFUSED);
    CHECK(atmn_event_context_count(event) == 4 && atmn_event_context_get(event, 4) == NULL);
    CHECK_TEXT(atmn_event_context_find(event, "method"), "GET");
    snprintf(store->event, sizeof store->event, "%s", atmn_event_message(event));
    return 1; /* ignored: the request is refused in any case */
}

int main(void)
{
    static const struct {
        const char *path, *authorization, *client_type;
        atmn_verdict verdict;
        atmn_accepts accepts;
        int32_t accept_dashboard;
        atmn_code code;
        int asked;
    } cases[] = {
        {"/v1/customers", "Bearer am_sk_test_planted", NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_OK, 1},
        {"/v1/products?limit=1", "bearer am_pk_live_planted", NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_OK, 1},
        {"/v1/customers", NULL, "dashboard", ATMN_VERDICT_VALID, 0, 1, ATMN_OK, 1},
        {"/v1/customers", NULL, "dashboard", ATMN_VERDICT_UNKNOWN, 0, 1, ATMN_NO_SECRET_KEY, 1},
        {"/v1/customers", NULL, "dashboard", ATMN_VERDICT_VALID, 0, 0, ATMN_NO_SECRET_KEY, 0},
        {"/v1/customers", "Bearer am_sk_test_planted", "dashboard", ATMN_VERDICT_VALID, 0, 0, ATMN_OK, 1},
        {"/v1/customers", NULL, NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_NO_SECRET_KEY, 0},
        {"/v1/customers", "Basic planted", NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_INVALID_AUTH_HEADER, 0},
        {"/v1/customers", "Bearer \xff\xfeplanted", NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_INVALID_SECRET_KEY, 0},
        {"/v1/customers", "Bearer am_sk_test_planted", NULL, ATMN_VERDICT_UNKNOWN, 0, 0, ATMN_INVALID_SECRET_KEY, 1},
        {"/v1/products", "Bearer am_pk_test_planted", NULL,
         ATMN_VERDICT_UNKNOWN, 0, 0, ATMN_INVALID_PUBLISHABLE_KEY, 1},
        {"/v1/customers", "Bearer am_pk_test_planted", NULL, ATMN_VERDICT_VALID, 0, 0, ATMN_ENDPOINT_NOT_PUBLIC, 0},
        {"/v1/products", NULL, NULL, ATMN_VERDICT_VALID, ATMN_ACCEPTS_PUBLISHABLE_ONLY, 0, ATMN_NO_PUBLISHABLE_KEY, 0},
        {"/v1/customers", "Bearer am_sk_test_planted", NULL,
         ATMN_VERDICT_CANNOT_TELL, 0, 0, ATMN_FAILED_TO_VERIFY_SECRET_KEY, 1},
        {"/v1/customers", "Bearer am_sk_test_planted", NULL, 77, 0, 0, ATMN_FAILED_TO_VERIFY_SECRET_KEY, 1},
        {"/v1/products", "Bearer am_pk_test_planted", NULL, -1, 0, 0, ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY, 1},
    };
    for (size_t index = 0; index < 2 * sizeof cases / sizeof *cases; index++) {
        size_t number = index % (sizeof cases / sizeof *cases);
        struct store store = {.verdict = cases[number].verdict};
        atmn_options *options = atmn_options_new();
        atmn_error *error = NULL;
        atmn_options_set_on_event(options, on_event, &store);
        atmn_options_set_accepts(options, cases[number].accepts);
        atmn_options_set_accept_dashboard(options, cases[number].accept_dashboard);
        atmn_code code = atmn_authenticate(options, "GET", cases[number].path, cases[number].authorization,
                                           cases[number].client_type, verify, &store, &error);
        if (code != cases[number].code)
            check_failed(cases[number].path, (int)number, atmn_code_name(code), atmn_error_message(error));
        CHECK(store.asked == cases[number].asked && store.events == (code != ATMN_OK));
        CHECK((error == NULL) == (code == ATMN_OK) && strstr(store.event, "planted") == NULL);
        if (error) {
            char body[256];
            snprintf(body, sizeof body, "\"code\":\"%s\",\"env\":\"sandbox\"}", atmn_code_name(code));
            CHECK(atmn_error_status(error) == 401 && strstr(atmn_error_body(error), body) != NULL);
            CHECK(strstr(atmn_error_body(error), "planted") == NULL);
            CHECK(strstr(atmn_error_message(error), "planted") == NULL);
            CHECK((atmn_error_cause(error) != NULL) == (code >= ATMN_FAILED_TO_VERIFY_SECRET_KEY));
        }
        atmn_error_free(error);
        atmn_options_free(options);
    }
    return 0;
}
