/* Creates a customer. If the server rejects the key, the user logs in, and the request is repeated.
 *
 *     cc request.c -o request $(pkg-config --cflags --libs atmn)
 */
#include <stdio.h>
#include <string.h>

#include <atmn.h>

static void print_error(const atmn_error *error)
{
    const char *hint = atmn_error_hint(error); /* NULL if there is none */
    fprintf(stderr, "error %d (%s): %s\n", (int)atmn_error_code(error), atmn_code_name(atmn_error_code(error)),
            atmn_error_message(error));
    if (hint != NULL)
        fprintf(stderr, "hint: %s\n", hint);
}

int main(void)
{
    static const char body[] = "{\"id\":\"cus_42\",\"name\":\"Ada\"}";
    atmn_options *options = atmn_options_new();
    atmn_request *request = atmn_request_new("POST", "/v1/customers");
    atmn_client *client = NULL;
    atmn_response *response = NULL;
    atmn_error *error = NULL;
    int status = 0;

    atmn_options_set_reauth(options, ATMN_REAUTH_ALWAYS);
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
    atmn_request_set_body(request, body, strlen(body));
    atmn_request_set_idempotency_key(request, "create-cus_42"); /* a retry creates no second customer */
    if (atmn_client_new(options, &client, &error) == ATMN_OK
        && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK) {
        printf("%s\n", atmn_response_body(response, NULL));
    } else {
        print_error(error);
        status = 1;
    }

    atmn_error_free(error);
    atmn_response_free(response);
    atmn_client_free(client);
    atmn_request_free(request);
    atmn_options_free(options);
    return status;
}
