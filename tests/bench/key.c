/* Finds the active key and prints it. */
#include <stdio.h>

#include <atmn.h>

int main(void)
{
    atmn_resolved_key *found = NULL;
    if (atmn_resolve_key(NULL, &found, NULL) != ATMN_OK)
        return 1;
    puts(atmn_key_reveal(atmn_resolved_key_key(found)));
    atmn_resolved_key_free(found);
    return 0;
}
