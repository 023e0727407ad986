/* The JSON of the conformance protocol: reads flat requests, and writes texts. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The value of a member. A text ends with a NUL; `length` also counts what follows a NUL inside. */
struct value {
    enum { TEXT, NUMBER, FLAG, LIST } kind;
    char *text;
    size_t length;
    int64_t number; /* also for a flag */
    char **list;    /* `length` texts */
};

struct request {
    size_t count;
    int used[32]; /* the members that the driver has read */
    char *names[32];
    struct value values[32];
};

/* Reads a line; 0 if it violates the protocol. The request owns the texts. */
int request_read(struct request *request, const char *line);
void request_free(struct request *request);
/* A member, or NULL; marks it as used. */
const struct value *request_get(struct request *request, const char *name);
const char *request_text(struct request *request, const char *name);
/* The name of a member that was not used, or NULL. */
const char *request_unknown(const struct request *request);

/* Writes a text, and `null` for NULL. */
void json_text(FILE *out, const char *text);

#endif
