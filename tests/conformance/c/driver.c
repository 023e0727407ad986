/* The conformance driver for C; see ../README.md. Of libatmn it uses only what atmn.h declares. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <atmn.h>

#include "json.h"
#include "options.h"
#include "results.h"

/* ---- Operations: each writes its result if it succeeds ---- */

static void classify_key(struct call *call)
{
    atmn_kind kind;
    atmn_environment environment;
    if (atmn_classify_key(request_text(&call->request, "text"), &kind, &environment, &call->error) != ATMN_OK)
        return;
    if (kind == 0) {
        fputs("null", call->result);
        return;
    }
    member(call->result, "{kind", atmn_kind_name(kind));
    member(call->result, "environment", atmn_environment_name(environment));
    putc('}', call->result);
}

static void resolve_key(struct call *call)
{
    atmn_resolved_key *resolved = NULL;
    if (atmn_resolve_key(call->options, &resolved, &call->error) == ATMN_OK)
        resolved_key(call->result, resolved);
    atmn_resolved_key_free(resolved);
}

static void find_key(struct call *call)
{
    atmn_resolved_key *resolved = NULL;
    if (atmn_find_key(call->options, &resolved, &call->error) != ATMN_OK)
        return;
    if (resolved)
        resolved_key(call->result, resolved);
    else
        fputs("null", call->result);
    atmn_resolved_key_free(resolved);
}

static void explain_key(struct call *call)
{
    atmn_locations *list = NULL;
    if (atmn_explain_key(call->options, &list, &call->error) == ATMN_OK)
        LOCATIONS(call->result, atmn_locations, list);
    atmn_locations_free(list);
}

static void save_keys(struct call *call)
{
    const struct value *keys = request_get(&call->request, "keys");
    atmn_save_result *saved = NULL;
    if (atmn_save_keys(call->options, (const char *const *)keys->list, keys->length, NULL, &saved, &call->error) == ATMN_OK)
        save_result(call->result, saved);
    atmn_save_result_free(saved);
}

static void logout(struct call *call)
{
    atmn_logout_result *done = NULL;
    if (atmn_logout(call->options, NULL, &done, &call->error) == ATMN_OK) {
        member(call->result, "{path", atmn_logout_result_path(done));
        fputs(",\"removed\":", call->result);
        LOCATIONS(call->result, atmn_logout_result_removed, done);
        fputs(",\"remaining\":", call->result);
        LOCATIONS(call->result, atmn_logout_result_remaining, done);
        member(call->result, "note", atmn_logout_result_note(done));
        fprintf(call->result, ",\"locked\":%s}", atmn_logout_result_locked(done) ? "true" : "false");
    }
    atmn_logout_result_free(done);
}

static void login(struct call *call)
{
    atmn_login_result *done = NULL;
    if (atmn_login(call->options, NULL, &done, &call->error) == ATMN_OK)
        login_result(call->result, done);
    atmn_login_result_free(done);
}

static void start_login(struct call *call)
{
    atmn_attempt *attempt = NULL;
    if (atmn_start_login(call->options, NULL, &attempt, &call->error) == ATMN_OK) {
        member(call->result, "{url", atmn_attempt_url(attempt));
        fprintf(call->result, ",\"port\":%u", (unsigned)atmn_attempt_port(attempt));
        member(call->result, "hint", atmn_attempt_hint(attempt));
        fprintf(call->result, ",\"deadline\":%lld}", (long long)atmn_attempt_deadline_ms(attempt));
    }
    atmn_attempt_free(attempt);
}

static void begin_login(struct call *call)
{
    atmn_pending_login *pending = NULL;
    if (atmn_begin_login(call->options, NULL, &pending, &call->error) != ATMN_OK)
        return;
    if (atmn_pending_login_kept(pending) != NULL) {
        login_result(call->result, atmn_pending_login_kept(pending));
    } else {
        member(call->result, "{url", atmn_pending_login_url(pending));
        fprintf(call->result, ",\"deadline\":%lld", (long long)atmn_pending_login_deadline_ms(pending));
        member(call->result, "note", atmn_pending_login_note(pending));
        putc('}', call->result);
    }
    atmn_pending_login_free(pending);
}

static void complete_login(struct call *call)
{
    const char *text = request_text(&call->request, "text");
    atmn_login_result *done = NULL;
    if (atmn_complete_login(call->options, text, NULL, &done, &call->error) == ATMN_OK)
        login_result(call->result, done);
    atmn_login_result_free(done);
}

static void whoami(struct call *call)
{
    atmn_identity *identity = NULL;
    if (atmn_whoami(call->options, NULL, &identity, &call->error) == ATMN_OK) {
        const atmn_key *key = atmn_identity_key(identity);
        fputs("{\"organization\":", call->result);
        organization(call->result, atmn_identity_organization(identity));
        member(call->result, "environment", atmn_environment_name(atmn_key_environment(key)));
        member(call->result, "server", atmn_identity_server(identity));
        member(call->result, "key", atmn_key_masked(key));
        fputs(",\"source\":", call->result);
        location(call->result, atmn_identity_source(identity));
        fputs(",\"skipped\":", call->result);
        LOCATIONS(call->result, atmn_identity_skipped, identity);
        SCOPES(call->result, atmn_identity_scopes, identity);
        putc('}', call->result);
    }
    atmn_identity_free(identity);
}

static void server_info(struct call *call)
{
    atmn_server_facts *facts = NULL;
    if (atmn_server_info(call->options, &facts, &call->error) == ATMN_OK) {
        member(call->result, "{api_url", atmn_server_facts_api_url(facts));
        member(call->result, "dashboard_url", atmn_server_facts_dashboard_url(facts));
        SCOPES(call->result, atmn_server_facts_scopes, facts);
        member(call->result, "client_id", atmn_server_facts_client_id(facts));
        putc('}', call->result);
    }
    atmn_server_facts_free(facts);
}

static void diagnose(struct call *call)
{
    atmn_diagnosis *diagnosis = NULL;
    if (atmn_diagnose(call->options, NULL, &diagnosis, &call->error) == ATMN_OK) {
        fputs("{\"checks\":[", call->result);
        for (size_t index = 0; index < atmn_diagnosis_checks_count(diagnosis); index++) {
            const atmn_check *check = atmn_diagnosis_checks_get(diagnosis, index);
            fputs(index ? "," : "", call->result);
            member(call->result, "{subject", atmn_check_subject(check));
            member(call->result, "outcome", atmn_check_outcome_name(atmn_check_outcome(check)));
            member(call->result, "message", atmn_check_message(check));
            member(call->result, "hint", atmn_check_hint(check));
            putc('}', call->result);
        }
        fputs("]}", call->result);
    }
    atmn_diagnosis_free(diagnosis);
}

static atmn_request *api_request(struct call *call)
{
    const char *method = request_text(&call->request, "method"), *path = request_text(&call->request, "path");
    atmn_request *request = atmn_request_new(method, path);
    const struct value *pairs = request_get(&call->request, "query");
    for (size_t index = 0; pairs && index + 1 < pairs->length; index += 2)
        atmn_request_add_query(request, pairs->list[index], pairs->list[index + 1]);
    pairs = request_get(&call->request, "headers");
    for (size_t index = 0; pairs && index + 1 < pairs->length; index += 2)
        atmn_request_add_header(request, pairs->list[index], pairs->list[index + 1]);
    const struct value *body = request_get(&call->request, "body"), *bytes = request_get(&call->request, "body_hex");
    if (body)
        atmn_request_set_body(request, body->text, body->length);
    else if (bytes) {
        size_t length = bytes->length / 2;
        atmn_request_set_body(request, request_text(&call->request, "body"), length);
    }
    atmn_request_set_content_type(request, request_text(&call->request, "content_type"));
    atmn_request_set_idempotency_key(request, request_text(&call->request, "idempotency_key"));
    const struct value *time = request_get(&call->request, "request_timeout_ms");
    if (time)
        atmn_request_set_timeout_ms(request, time->number);
    const struct value *number = request_get(&call->request, "request_retries");
    if (number)
        atmn_request_set_retries(request, (int32_t)number->number);
    if ((number = request_get(&call->request, "any_status")))
        atmn_request_set_any_status(request, (int32_t)number->number);
    return request;
}

static void request(struct call *call)
{
    atmn_client *client = NULL;
    atmn_response *response = NULL;
    atmn_request *request = api_request(call);
    if (atmn_client_new(call->options, &client, &call->error) == ATMN_OK
        && atmn_client_request(client, request, NULL, &response, &call->error) == ATMN_OK) {
        response_object(call->result, response);
    }
    atmn_response_free(response);
    atmn_request_free(request);
    atmn_client_free(client);
}

static void reauthenticate(struct call *call)
{
    const char *rejected = request_text(&call->request, "rejected");
    atmn_client *client = NULL;
    atmn_resolved_key *resolved = NULL;
    if (atmn_client_new(call->options, &client, &call->error) == ATMN_OK
        && atmn_client_reauthenticate(client, rejected, NULL, &resolved, &call->error) == ATMN_OK)
        resolved_key(call->result, resolved);
    atmn_resolved_key_free(resolved);
    atmn_client_free(client);
}

static atmn_verdict verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
{
    struct call *call = user_data;
    const char *store = request_text(&call->request, "store");
    member(call->result, "{kind", key ? atmn_kind_name(kind) : "dashboard");
    member(call->result, "environment", key ? atmn_environment_name(environment) : NULL);
    member(call->result, "key", key);
    putc('}', call->result);
    if (!store)
        call->failure = "verify was asked";
    return !store ? ATMN_VERDICT_UNKNOWN
           : !strcmp(store, "valid") ? ATMN_VERDICT_VALID
           : !strcmp(store, "cannot_tell") ? ATMN_VERDICT_CANNOT_TELL : ATMN_VERDICT_UNKNOWN;
}

static void authenticate(struct call *call)
{
    struct request *with = &call->request;
    (void)request_text(with, "store");
    call->is_refusal = 1;
    const char *method = request_text(with, "method"), *path = request_text(with, "path");
    const char *authorization = request_text(with, "authorization"), *client = request_text(with, "client_type");
    atmn_code code =
        atmn_authenticate(call->options, method, path, authorization, client, verify, call, &call->error);
    if ((code == ATMN_OK) != (call->error == NULL))
        call->failure = "the code and the error differ";
}

static const struct {
    const char *name;
    void (*run)(struct call *);
} OPERATIONS[] = {
    {"classify_key", classify_key}, {"resolve_key", resolve_key},       {"find_key", find_key},
    {"explain_key", explain_key},   {"save_keys", save_keys},           {"logout", logout},
    {"login", login},               {"start_login", start_login},       {"begin_login", begin_login},
    {"complete_login", complete_login}, {"whoami", whoami},             {"server_info", server_info},
    {"diagnose", diagnose},
    {"request", request},           {"reauthenticate", reauthenticate}, {"authenticate", authenticate},
};

/* ---- Answers ---- */

/* The name of an option in the core, which has no unit, and one name for all headers. */
static const char *option_name(const char *option)
{
    if (strcmp(option, "login_timeout_ms") == 0)
        return "login_timeout";
    if (strcmp(option, "header") == 0)
        return "headers";
    return strcmp(option, "timeout_ms") == 0 ? "timeout" : option;
}

/* Writes a message with the core's names of the values of an option: `never` in place of `ATMN_REAUTH_NEVER`. */
static void message(const char *text, const char *option)
{
    char prefix[64] = "ATMN_", *copy = strdup(text), *end = copy, *found;
    for (size_t index = 0; option && option[index] && index < sizeof prefix - 7; index++)
        prefix[5 + index] = (char)toupper((unsigned char)option[index]), prefix[6 + index] = '_';
    while (option && (found = strstr(end, prefix)) != NULL) {
        memmove(found, found + strlen(prefix), strlen(found + strlen(prefix)) + 1);
        for (end = found; isupper((unsigned char)*end) || *end == '_'; end++)
            *end = (char)tolower((unsigned char)*end);
    }
    member(stdout, "message", copy);
    free(copy);
}

static void answer_error(const struct call *call)
{
    const atmn_error *error = call->error;
    fputs("{\"error\":", stdout);
    member(stdout, "{code", atmn_code_name(atmn_error_code(error)));
    message(atmn_error_message(error), atmn_error_context_find(error, "option"));
    member(stdout, "hint", atmn_error_hint(error));
    fputs(",\"context\":{", stdout);
    for (size_t index = 0; index < atmn_error_context_count(error); index++) {
        const atmn_entry *entry = atmn_error_context_get(error, index);
        const char *name = atmn_entry_name(entry), *value = atmn_entry_value(entry);
        fputs(index ? "," : "", stdout);
        json_text(stdout, name);
        putchar(':');
        json_text(stdout, strcmp(name, "option") == 0 ? option_name(value) : value);
    }
    putchar('}');
    member(stdout, "cause", atmn_error_cause(error));
    fputs(",\"response\":", stdout);
    response_object(stdout, atmn_error_response(error));
    if (call->is_refusal && atmn_error_body(error))
        printf(",\"status\":%d,\"body\":%s", (int)atmn_error_status(error), atmn_error_body(error));
    putchar('}');
}

static void answer(struct call *call)
{
    if (call->failure) {
        member(stdout, "{failure", call->failure);
        puts("}");
        return;
    }
    if (call->error)
        answer_error(call);
    else
        printf("{\"ok\":%s", call->text);
    if (call->events)
        printf(",\"events\":[%s]", call->events);
    puts("}");
}

static void run(struct call *call)
{
    const char *name = request_text(&call->request, "op");
    for (size_t index = 0; name && index < sizeof OPERATIONS / sizeof *OPERATIONS; index++)
        if (strcmp(OPERATIONS[index].name, name) == 0) {
            set_options(call);
            OPERATIONS[index].run(call);
            if (request_unknown(&call->request))
                call->failure = "a member is not known";
            return;
        }
    call->failure = "the driver does not know this op";
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        struct call call = {.options = atmn_options_new()};
        call.result = open_memstream(&call.text, &call.length);
        if (request_read(&call.request, line))
            run(&call);
        else
            call.failure = "this is no request";
        fclose(call.result);
        if (call.event_list)
            fclose(call.event_list);
        answer(&call);
        fflush(stdout);
        request_free(&call.request);
        atmn_error_free(call.error);
        atmn_options_free(call.options);
        free(call.text);
        free(call.events);
    }
    free(line);
    return 0;
}
