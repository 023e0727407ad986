/* For all test programs: checks that end the program on failure, and a comparison of what the process holds. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atmn.h>

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, NULL))
#define CHECK_TEXT(found, expected) check_text(__FILE__, __LINE__, #found, (found), (expected))

/* A call that must succeed; it passes `&error`. */
#define WORKS(call)                                                                                                   \
    do {                                                                                                              \
        atmn_error *error = NULL;                                                                                     \
        if ((call) != ATMN_OK)                                                                                        \
            check_failed(__FILE__, __LINE__, #call, atmn_error_message(error));                                       \
        CHECK(error == NULL);                                                                                         \
    } while (0)

/* A call that must fail with a code and the name of an option (NULL: not checked); it passes `&error`. */
#define FAILS(code, option, call)                                                                                     \
    do {                                                                                                              \
        atmn_error *error = NULL;                                                                                     \
        atmn_code found_code = (call);                                                                                \
        check_failure(__FILE__, __LINE__, #call, found_code, error, (code), (option));                                \
    } while (0)

void check_failed(const char *file, int line, const char *what, const char *why);
void check_text(const char *file, int line, const char *what, const char *found, const char *expected);
void check_failure(const char *file, int line, const char *what, atmn_code found, atmn_error *error, atmn_code code,
                   const char *option);

/* A file of the project as text; the caller frees it. */
char *file_text(const char *folder, const char *name);
void write_file(const char *folder, const char *name, const char *text);

/* Options for a server, and for a project that is its own boundary, with `force`. The caller frees them. */
atmn_options *options_for(const char *server, const char *project);

/* What a call must not change: threads, file descriptors, signal handlers, environment. */
struct residue;
struct residue *residue_take(void);
void residue_check(struct residue *before);

/* Sends one GET; returns the status, and stores the URL of a redirect, or an empty text. */
int web_get(const char *url, char *next, size_t room);
/* Follows redirects as a browser does; returns the last status. */
int web_visit(const char *url);

#endif
