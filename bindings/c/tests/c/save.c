/* Saves a key. Argument: the directory. */
#include "check.h"

int main(int count, char **arguments)
{
    static const char *const keys[] = {"am_sk_test_planted000000000"};
    CHECK(count == 2);
    atmn_options *options = atmn_options_new();
    atmn_save_result *saved = NULL;
    atmn_options_set_directory(options, arguments[1]);
    WORKS(atmn_save_keys(options, keys, 1, NULL, &saved, &error));
    atmn_save_result_free(saved);
    atmn_options_free(options);
    return 0;
}
