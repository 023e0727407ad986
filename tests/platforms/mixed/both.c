/* Uses libatmn.a and another archive of Rust. */
#include <atmn.h>
#include <stdio.h>

int other(void);

int main(void)
{
    atmn_resolved_key *found = NULL;
    if (other() != 42 || atmn_resolve_key(NULL, &found, NULL) != ATMN_OK)
        return 1;
    printf("%s from %s\n", atmn_key_masked(atmn_resolved_key_key(found)),
           atmn_location_text(atmn_resolved_key_source(found)));
    atmn_resolved_key_free(found);
    return 0;
}
