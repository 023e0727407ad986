/* Writes results of libatmn as the JSON values of the line protocol. */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdio.h>

#include <atmn.h>

#include "json.h"

/* Writes a member of an object; a name that starts with `{` opens the object. */
void member(FILE *out, const char *name, const char *text);

void location(FILE *out, const atmn_location *location);
void resolved_key(FILE *out, const atmn_resolved_key *resolved);
void save_result(FILE *out, const atmn_save_result *saved);
void organization(FILE *out, const atmn_organization *organization);
void login_result(FILE *out, const atmn_login_result *done);
/* A response, or `null`. */
void response_object(FILE *out, const atmn_response *response);

/* Writes a list of locations of an object, by its two getters. */
#define LOCATIONS(out, list, object)                                                                                   \
    do {                                                                                                               \
        putc('[', out);                                                                                                \
        for (size_t index = 0; index < list##_count(object); index++) {                                                \
            fputs(index ? "," : "", out);                                                                              \
            location(out, list##_get(object, index));                                                                  \
        }                                                                                                              \
        putc(']', out);                                                                                                \
    } while (0)

/* Writes the member "scopes" of an object, by its two getters. */
#define SCOPES(out, list, object)                                                                                      \
    do {                                                                                                               \
        fputs(list##_count(object) ? ",\"scopes\":[" : ",\"scopes\":null", out);                                       \
        for (size_t index = 0; index < list##_count(object); index++) {                                                \
            fputs(index ? "," : "", out);                                                                              \
            json_text(out, list##_get(object, index));                                                                 \
        }                                                                                                              \
        fputs(list##_count(object) ? "]" : "", out);                                                                   \
    } while (0)

#endif
