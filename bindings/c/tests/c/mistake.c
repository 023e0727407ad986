/* A program with a mistake, to see whether it is found. Argument: which one. */
#include "check.h"

int main(int count, char **arguments)
{
    CHECK(count == 2);
    atmn_options *options = atmn_options_new();
    atmn_places *places = NULL;
    WORKS(atmn_explain_key(options, &places, &error));
    atmn_options_free(options);
    if (strcmp(arguments[1], "late") == 0) {
        const char *text = atmn_place_text(atmn_places_get(places, 0));
        atmn_places_free(places);
        return *text == 'A' ? 0 : 2;
    }
    /* Nobody points to it any more. */
    places = NULL;
    return places != NULL;
}
