/* Prints the private memory, in bytes, that a client needs after one call with the key in .env: idle SERVER */
#include <atmn.h>
#include <stdio.h>
#include <string.h>

static long private_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return -1;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            sscanf(line + 8, "%ld", &kib);
    fclose(status);
    return kib;
}

int main(int argc, char **argv)
{
    atmn_options *options = atmn_options_new();
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/products");
    atmn_response *response = NULL;
    atmn_error *error = NULL;
    long before = private_kib();
    atmn_options_set_server(options, argc == 2 ? argv[1] : NULL);
    if (atmn_client_new(options, &client, &error) == ATMN_OK
        && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK) {
        atmn_response_free(response);
        printf("%ld\n", (private_kib() - before) * 1024);
    } else {
        fprintf(stderr, "%s\n", atmn_error_message(error));
    }
    int failed = error != NULL || client == NULL;
    atmn_error_free(error);
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_options_free(options);
    return failed;
}
