/* A program with a mistake that sanitizers and valgrind must find. Argument: which one. */
#include "check.h"

int main(int count, char **arguments)
{
    CHECK(count == 2);
    atmn_options *options = atmn_options_new();
    atmn_locations *locations = NULL;
    WORKS(atmn_explain_key(options, &locations, &error));
    atmn_options_free(options);
    if (strcmp(arguments[1], "late") == 0) {
        const char *text = atmn_location_text(atmn_locations_get(locations, 0));
        atmn_locations_free(locations);
        return *text == 'A' ? 0 : 2;
    }
    /* Leaks the list. */
    locations = NULL;
    return locations != NULL;
}
