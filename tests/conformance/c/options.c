#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include <stdlib.h>
#include <string.h>

/* ---- Enumerations: an unknown name becomes the number 99 ---- */

static int32_t number_of(const char *text, const char *(*name)(int32_t))
{
    for (int32_t number = 1; text && number < 10; number++)
        if (strcmp(name(number), text) == 0)
            return number;
    return text ? 99 : 0;
}

static int32_t one_of(const char *text, const char *first, const char *second, const char *third)
{
    return !text ? 0 : !strcmp(text, first) ? 1 : !strcmp(text, second) ? 2 : third && !strcmp(text, third) ? 3 : 99;
}

/* Writes a value of a context; numbers by the getters that have their names. */
static void event_value(FILE *out, const atmn_event *event, const char *name, const char *value)
{
    if (strcmp(name, "port") == 0)
        fprintf(out, "%u", (unsigned)atmn_event_port(event));
    else if (strcmp(name, "deadline") == 0)
        fprintf(out, "%lld", (long long)atmn_event_deadline_ms(event));
    else if (strcmp(name, "attempt") == 0)
        fprintf(out, "%lu", (unsigned long)atmn_event_attempt(event));
    else if (strcmp(name, "pause_ms") == 0)
        fprintf(out, "%lld", (long long)atmn_event_pause_ms(event));
    else if (strcmp(name, "uid") == 0)
        fprintf(out, "%lld", (long long)atmn_event_uid(event));
    else
        json_text(out, value);
}

static int32_t on_event(void *user_data, const atmn_event *event)
{
    struct call *call = user_data;
    fputs(ftell(call->event_list) > 0 ? ",{\"event\":" : "{\"event\":", call->event_list);
    json_text(call->event_list, atmn_event_name(atmn_event_code(event)));
    fputs(",\"message\":", call->event_list);
    json_text(call->event_list, atmn_event_message(event));
    fputs(",\"context\":{", call->event_list);
    for (size_t index = 0; index < atmn_event_context_count(event); index++) {
        const atmn_entry *entry = atmn_event_context_get(event, index);
        fputs(index ? "," : "", call->event_list);
        json_text(call->event_list, atmn_entry_name(entry));
        putc(':', call->event_list);
        event_value(call->event_list, event, atmn_entry_name(entry), atmn_entry_value(entry));
    }
    fputs("}}", call->event_list);
    return 0;
}

static void set_text(struct call *call, const char *name, void (*set)(atmn_options *, const char *))
{
    const char *text = request_text(&call->request, name);
    if (text)
        set(call->options, text);
}

static void set_flag(struct call *call, const char *name, void (*set)(atmn_options *, int32_t))
{
    const struct value *value = request_get(&call->request, name);
    if (value)
        set(call->options, (int32_t)value->number);
}

static void set_time(struct call *call, const char *name, void (*set)(atmn_options *, int64_t))
{
    const struct value *value = request_get(&call->request, name);
    if (value)
        set(call->options, value->number);
}

static void set_scopes(struct call *call)
{
    const struct value *value = request_get(&call->request, "scopes");
    char *text = NULL;
    size_t length = 0;
    FILE *out = value ? open_memstream(&text, &length) : NULL;
    if (!out)
        return;
    for (size_t index = 0; index < value->length; index++)
        fprintf(out, index ? " %s" : "%s", value->list[index]);
    fclose(out);
    atmn_options_set_scopes(call->options, text);
    free(text);
}

void set_options(struct call *call)
{
    const struct value *value;
    set_text(call, "server", atmn_options_set_server);
    set_text(call, "directory", atmn_options_set_directory);
    set_text(call, "file", atmn_options_set_file);
    set_text(call, "boundary", atmn_options_set_boundary);
    set_text(call, "key", atmn_options_set_key);
    set_text(call, "organization", atmn_options_set_organization);
    set_time(call, "timeout_ms", atmn_options_set_timeout_ms);
    set_time(call, "login_timeout_ms", atmn_options_set_login_timeout_ms);
    set_scopes(call);
    set_flag(call, "open_browser", atmn_options_set_open_browser);
    set_flag(call, "force", atmn_options_set_force);
    set_flag(call, "sandbox_only", atmn_options_set_sandbox_only);
    set_flag(call, "offline", atmn_options_set_offline);
    set_flag(call, "allow_tracked", atmn_options_set_allow_tracked);
    set_flag(call, "retries", atmn_options_set_retries);
    if ((value = request_get(&call->request, "response_limit")))
        atmn_options_set_response_limit(call->options, (size_t)value->number);
    atmn_options_set_environment(call->options,
                                 number_of(request_text(&call->request, "environment"), atmn_environment_name));
    atmn_options_set_gitignore(call->options, one_of(request_text(&call->request, "gitignore"), "add", "never", NULL));
    atmn_options_set_reauth(call->options, one_of(request_text(&call->request, "reauth"), "never", "auto", "always"));
    atmn_options_set_accepts(call->options,
                             one_of(request_text(&call->request, "accepts"), "any", "publishable_only", NULL));
    atmn_options_set_accept_dashboard(call->options, 1);
    if ((value = request_get(&call->request, "listener")) && value->number) {
        call->event_list = open_memstream(&call->events, &call->events_length);
        atmn_options_set_on_event(call->options, on_event, call);
    }
}
