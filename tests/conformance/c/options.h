/* A request of the runner, and the options that it sets. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include <atmn.h>

#include "json.h"

/* A request of the runner, with the result of its operation. */
struct call {
    struct request request;
    atmn_options *options;
    atmn_error *error;
    FILE *result; /* the value of "ok" */
    char *text;
    size_t length;
    char *events;
    size_t events_length;
    FILE *event_list;
    const char *failure;
    int is_refusal; /* the answer to an error includes the HTTP response that refuses the request */
};

/* Sets the options that the request has, and a callback if it has a listener. */
void set_options(struct call *call);

#endif
