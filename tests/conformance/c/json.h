/* The JSON of the conformance protocol: flat requests in, any answer out. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A member's value. Texts end with a NUL; one with a NUL inside is longer than C sees, and `length` tells. */
struct value {
    enum { TEXT, NUMBER, FLAG, LIST } kind;
    char *text;
    size_t length;
    int64_t number; /* also for a flag */
    char **list;    /* `length` texts */
};

struct request {
    size_t count;
    int asked[32]; /* which members the driver knew */
    char *names[32];
    struct value values[32];
};

/* Reads a line; 0 if it is not what the protocol allows. The texts are the request's. */
int request_read(struct request *request, const char *line);
void request_free(struct request *request);
/* A member, or NULL; whoever asks for it knows it. */
const struct value *request_get(struct request *request, const char *name);
const char *request_text(struct request *request, const char *name);
/* The name of a member that nobody has asked for, or NULL. */
const char *request_unknown(const struct request *request);

/* `null` for NULL. */
void json_text(FILE *out, const char *text);

#endif
