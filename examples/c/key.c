/* Prints the active key, masked, and where it was found.
 *
 *     cc key.c -o key $(pkg-config --cflags --libs atmn)
 */
#include <stdio.h>

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
    atmn_options *options = atmn_options_new();
    atmn_resolved_key *resolved = NULL;
    atmn_error *error = NULL;
    int status = 0;

    atmn_options_set_environment(options, ATMN_ENVIRONMENT_SANDBOX);
    if (atmn_resolve_key(options, &resolved, &error) == ATMN_OK) {
        /* atmn_key_reveal returns the secret text. */
        printf("%s from %s\n", atmn_key_masked(atmn_resolved_key_key(resolved)),
               atmn_location_text(atmn_resolved_key_source(resolved)));
    } else {
        print_error(error);
        status = atmn_error_code(error) == ATMN_KEY_NOT_FOUND ? 4 : 1;
    }

    atmn_error_free(error);
    atmn_resolved_key_free(resolved);
    atmn_options_free(options);
    return status;
}
