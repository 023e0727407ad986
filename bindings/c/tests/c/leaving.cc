/* Callbacks that do not return, and a small stack. Arguments: what to do, the URL of a server that approves every login, an
 * empty project, and for the stack the URL of a server with TLS. */
#include <atmn.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <stdexcept>

static const char *what, *server, *project, *encrypted;

static void check(bool condition, const char *text)
{
    if (!condition) {
        std::fprintf(stderr, "%s: failed: %s\n", what, text);
        std::exit(1);
    }
}

static int32_t on_event(void *, const atmn_event *)
{
    if (std::strcmp(what, "exit") == 0)
        pthread_exit(nullptr);
    if (std::strcmp(what, "exception") == 0)
        throw std::runtime_error("it leaves the callback");
    try {
        throw std::runtime_error("it stays in the callback");
    } catch (const std::runtime_error &) {
        return 0;
    }
}

static atmn_verdict verify(void *, const char *, atmn_kind, atmn_environment)
{
    if (std::strcmp(what, "exception of verify") == 0)
        throw std::runtime_error("it leaves the callback");
    return ATMN_VERDICT_UNKNOWN;
}

static atmn_options *options_with_listener()
{
    atmn_options *options = atmn_options_new();
    atmn_options_set_server(options, server);
    atmn_options_set_directory(options, project);
    atmn_options_set_boundary(options, project);
    atmn_options_set_force(options, 1);
    atmn_options_set_on_event(options, on_event, nullptr);
    return options;
}

static void *calls(void *)
{
    atmn_options *options = options_with_listener();
    /* The event about a refusal goes to the listener. */
    const char *authorization = "Bearer am_sk_test_planted000000000";
    check(atmn_authenticate(options, "GET", "/v1/customers", authorization, nullptr, verify, nullptr, nullptr) ==
              ATMN_INVALID_SECRET_KEY,
          "authenticate");
    atmn_login_result *done = nullptr;
    check(atmn_login(options, nullptr, &done, nullptr) == ATMN_OK, "login");
    const char *keys[2] = {atmn_key_reveal(atmn_login_result_keys_get(done, 0)),
                           atmn_key_reveal(atmn_login_result_keys_get(done, 1))};
    atmn_save_result *saved = nullptr;
    check(atmn_save_keys(options, keys, 2, nullptr, &saved, nullptr) == ATMN_OK, "save_keys");
    atmn_identity *identity = nullptr;
    check(atmn_whoami(options, nullptr, &identity, nullptr) == ATMN_OK, "whoami");
    atmn_client *client = nullptr;
    check(atmn_client_new(options, &client, nullptr) == ATMN_OK, "client_new");
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_response *response = nullptr;
    check(atmn_client_request(client, request, nullptr, &response, nullptr) == ATMN_OK, "client_request");
    if (encrypted) {
        /* This server resets the connection after it has read the request. */
        atmn_options_set_server(options, encrypted);
        atmn_options_set_key(options, "am_sk_test_planted000000000");
        atmn_identity *none = nullptr;
        check(atmn_whoami(options, nullptr, &none, nullptr) == ATMN_CONNECTION_LOST, "whoami over TLS");
        atmn_options_set_key(options, nullptr);
        atmn_options_set_server(options, server);
    }
    atmn_logout_result *out = nullptr;
    check(atmn_logout(options, nullptr, &out, nullptr) == ATMN_OK, "logout");
    atmn_logout_result_free(out);
    atmn_response_free(response);
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_identity_free(identity);
    atmn_save_result_free(saved);
    atmn_login_result_free(done);
    atmn_options_free(options);
    return nullptr;
}

int main(int count, char **arguments)
{
    what = arguments[1];
    check(count == 4 || count == 5, "arguments");
    server = arguments[2], project = arguments[3], encrypted = arguments[4];
    if (std::strcmp(what, "stack") != 0) {
        calls(nullptr);
        return 0;
    }
    /* The header says what a call needs; a thread needs a little for itself. */
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    check(pthread_attr_setstacksize(&attributes, 256 * 1024 + PTHREAD_STACK_MIN) == 0, "stack size");
    check(pthread_create(&thread, &attributes, calls, nullptr) == 0, "thread");
    check(pthread_join(thread, nullptr) == 0, "join");
    return 0;
}
