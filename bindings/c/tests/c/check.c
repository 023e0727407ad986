#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <dirent.h>
#include <signal.h>
#include <time.h>

extern char **environ;

void check_failed(const char *file, int line, const char *what, const char *why)
{
    fprintf(stderr, "%s:%d: %s%s%s\n", file, line, what, why ? ": " : "", why ? why : "");
    exit(1);
}

void check_text(const char *file, int line, const char *what, const char *found, const char *expected)
{
    if (found == expected || (found && expected && strcmp(found, expected) == 0))
        return;
    fprintf(stderr, "%s:%d: %s is %s, not %s\n", file, line, what, found ? found : "NULL",
            expected ? expected : "NULL");
    exit(1);
}

/* No text of an error contains a key: the keys of the tests have this word in them. */
static void check_no_secret(const char *text)
{
    CHECK(text == NULL || strstr(text, "planted") == NULL);
}

void check_failure(const char *file, int line, const char *what, atmn_code found, atmn_error *error, atmn_code code,
                   const char *option)
{
    if (found != code) {
        fprintf(stderr, "%s:%d: %s: %s, not %s\n", file, line, what, atmn_code_name(found), atmn_code_name(code));
        exit(1);
    }
    CHECK(error != NULL && atmn_error_code(error) == code);
    CHECK(strlen(atmn_error_message(error)) > 10);
    if (option)
        check_text(file, line, what, atmn_error_context_find(error, "option"), option);
    check_no_secret(atmn_error_message(error));
    check_no_secret(atmn_error_hint(error));
    check_no_secret(atmn_error_cause(error));
    for (size_t index = 0; index < atmn_error_context_count(error); index++) {
        const atmn_entry *entry = atmn_error_context_get(error, index);
        check_text(file, line, what, atmn_error_context_find(error, atmn_entry_name(entry)), atmn_entry_value(entry));
        check_no_secret(atmn_entry_value(entry));
    }
    CHECK(atmn_error_context_get(error, atmn_error_context_count(error)) == NULL);
    atmn_error_free(error);
}

static FILE *project_file(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, mode);
}

char *file_text(const char *folder, const char *name)
{
    char *text = calloc(1, 65536);
    FILE *file = project_file(folder, name, "r");
    CHECK(text != NULL && file != NULL);
    CHECK(fread(text, 1, 65535, file) < 65535);
    fclose(file);
    return text;
}

void write_file(const char *folder, const char *name, const char *text)
{
    FILE *file = project_file(folder, name, "w");
    CHECK(file != NULL && fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

atmn_options *options_for(const char *server, const char *project)
{
    atmn_options *options = atmn_options_new();
    atmn_options_set_server(options, server);
    atmn_options_set_directory(options, project);
    atmn_options_set_boundary(options, project);
    atmn_options_set_force(options, 1);
    return options;
}

enum { SIGNALS = 64, VARIABLES = 256 };

struct residue {
    int threads, files;
    struct sigaction handlers[SIGNALS];
    char *environment[VARIABLES];
};

static int entries(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    CHECK(directory != NULL);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

struct residue *residue_take(void)
{
    struct residue *now = calloc(1, sizeof *now);
    CHECK(now != NULL);
    now->threads = entries("/proc/self/task");
    now->files = entries("/proc/self/fd");
    for (int number = 1; number < SIGNALS; number++)
        sigaction(number, NULL, &now->handlers[number]);
    for (int index = 0; environ[index]; index++) {
        CHECK(index < VARIABLES);
        now->environment[index] = strdup(environ[index]);
    }
    return now;
}

void residue_check(struct residue *before)
{
    /* The system lists a thread for a short time after it has ended. */
    for (int tries = 0; entries("/proc/self/task") > before->threads && tries < 1000; tries++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    /* A browser may end a moment after its login. The next call then releases the descriptor of that process. */
    for (int tries = 0; entries("/proc/self/fd") > before->files && tries < 1000; tries++) {
        atmn_resolved_key *found = NULL;
        atmn_error *none = NULL;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        CHECK((atmn_resolve_key(NULL, &found, &none) == 0) == (none == NULL));
        atmn_resolved_key_free(found);
        atmn_error_free(none);
    }
    struct residue *now = residue_take();
    CHECK(now->threads == before->threads);
    CHECK(now->files == before->files);
    for (int number = 1; number < SIGNALS; number++)
        CHECK(now->handlers[number].sa_handler == before->handlers[number].sa_handler);
    for (int index = 0; index < VARIABLES; index++) {
        CHECK_TEXT(now->environment[index], before->environment[index]);
        free(now->environment[index]);
        free(before->environment[index]);
    }
    free(now);
    free(before);
}
