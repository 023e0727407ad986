/* The library is loaded and closed while the program itself may have another copy, statically; and the locale of the
 * program changes nothing. Arguments: libatmn.so, and an empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <dlfcn.h>
#include <locale.h>

/* A function of the loaded library, under its own name. C has no conversion from an object pointer to a function
 * pointer. */
#define SYMBOL(library, name)                                                                                         \
    __typeof__(&name) name = NULL;                                                                                    \
    do {                                                                                                              \
        void *found = dlsym(library, #name);                                                                          \
        CHECK(found != NULL);                                                                                         \
        memcpy(&name, &found, sizeof found);                                                                          \
    } while (0)

static void loaded(const char *path, const char *directory)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    SYMBOL(library, atmn_options_new);
    SYMBOL(library, atmn_options_set_directory);
    SYMBOL(library, atmn_options_free);
    SYMBOL(library, atmn_resolve_key);
    SYMBOL(library, atmn_resolved_key_free);
    SYMBOL(library, atmn_error_free);
    atmn_options *options = atmn_options_new();
    atmn_resolved_key *resolved = NULL;
    atmn_error *error = NULL;
    atmn_options_set_directory(options, directory);
    CHECK(atmn_resolve_key(options, &resolved, &error) == ATMN_OK && error == NULL);
    atmn_resolved_key_free(resolved);
    resolved = NULL;
    atmn_options_set_directory(options, "");
    CHECK(atmn_resolve_key(options, &resolved, &error) == ATMN_INVALID_ARGUMENT);
    atmn_error_free(error);
    atmn_options_free(options);
    CHECK(dlclose(library) == 0);
}

/* The copy with which the program is linked. */
static void linked(const char *directory)
{
    atmn_options *options = atmn_options_new();
    atmn_resolved_key *resolved = NULL;
    atmn_client *client = NULL;
    atmn_options_set_directory(options, directory);
    WORKS(atmn_resolve_key(options, &resolved, &error));
    CHECK(strstr(atmn_key_masked(atmn_resolved_key_key(resolved)), "\xe2\x80\xa6") != NULL);
    WORKS(atmn_client_new(options, &client, &error));
    atmn_client_free(client);
    atmn_resolved_key_free(resolved);
    atmn_options_free(options);
}

int main(int count, char **arguments)
{
    static const char *const locales[] = {"C", "C.UTF-8", "POSIX", ""};
    CHECK(count == 3);
    write_file(arguments[2], ".env", "AUTUMN_SECRET_KEY=am_sk_test_planted000000000\n");
    for (int round = 0; round < 100; round++) {
        setlocale(LC_ALL, locales[round % 4]);
        loaded(arguments[1], arguments[2]);
        linked(arguments[2]);
    }
    return 0;
}
