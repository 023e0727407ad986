/* Prints the active key, masked, and where it was found.
 *
 *     cc key.c -o key $(pkg-config --cflags --libs atmn)
 */
#include <stdio.h>

#include <atmn.h>

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
        const char *hint = atmn_error_hint(error);
        fprintf(stderr, "%s\n%s\n", atmn_error_message(error), hint ? hint : "");
        status = atmn_error_code(error) == ATMN_KEY_NOT_FOUND ? 4 : 1;
    }

    atmn_error_free(error);
    atmn_resolved_key_free(resolved);
    atmn_options_free(options);
    return status;
}
