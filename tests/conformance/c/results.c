#include "results.h"

void member(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s\"%s\":", *name == '{' ? "{" : ",", name + (*name == '{'));
    json_text(out, text);
}

void location(FILE *out, const atmn_location *location)
{
    member(out, "{origin", atmn_origin_name(atmn_location_origin(location)));
    member(out, "variable", atmn_location_variable(location));
    member(out, "path", atmn_location_path(location));
    if (atmn_location_line(location))
        fprintf(out, ",\"line\":%u", (unsigned)atmn_location_line(location));
    else
        fputs(",\"line\":null", out);
    member(out, "outcome", atmn_outcome_name(atmn_location_outcome(location)));
    member(out, "masked", atmn_location_masked(location));
    member(out, "reason", atmn_location_reason(location));
    member(out, "text", atmn_location_text(location));
    putc('}', out);
}

void resolved_key(FILE *out, const atmn_resolved_key *resolved)
{
    const atmn_key *key = atmn_resolved_key_key(resolved);
    member(out, "{key", atmn_key_reveal(key));
    member(out, "kind", atmn_kind_name(atmn_key_kind(key)));
    member(out, "environment", atmn_environment_name(atmn_key_environment(key)));
    fputs(",\"source\":", out);
    location(out, atmn_resolved_key_source(resolved));
    fputs(",\"skipped\":", out);
    LOCATIONS(out, atmn_resolved_key_skipped, resolved);
    putc('}', out);
}

void save_result(FILE *out, const atmn_save_result *saved)
{
    if (!saved) {
        fputs("null", out);
        return;
    }
    member(out, "{path", atmn_save_result_path(saved));
    fprintf(out, ",\"created\":%s", atmn_save_result_created(saved) ? "true" : "false");
    member(out, "git", atmn_git_name(atmn_save_result_git(saved)));
    fputs(",\"replaced\":", out);
    LOCATIONS(out, atmn_save_result_replaced, saved);
    fputs(",\"shadowed_by\":", out);
    LOCATIONS(out, atmn_save_result_shadowed_by, saved);
    fprintf(out, ",\"locked\":%s", atmn_save_result_locked(saved) ? "true" : "false");
    member(out, "note", atmn_save_result_note(saved));
    putc('}', out);
}

void organization(FILE *out, const atmn_organization *organization)
{
    if (!organization) {
        fputs("null", out);
        return;
    }
    member(out, "{id", atmn_organization_id(organization));
    member(out, "name", atmn_organization_name(organization));
    member(out, "slug", atmn_organization_slug(organization));
    putc('}', out);
}

void login_result(FILE *out, const atmn_login_result *done)
{
    fputs("{\"organization\":", out);
    organization(out, atmn_login_result_organization(done));
    fputs(",\"environments\":[", out);
    for (size_t index = 0; index < atmn_login_result_environments_count(done); index++) {
        fputs(index ? "," : "", out);
        json_text(out, atmn_environment_name(atmn_login_result_environments_get(done, index)));
    }
    fputs("],\"keys\":[", out);
    for (size_t index = 0; index < atmn_login_result_keys_count(done); index++) {
        const atmn_key *key = atmn_login_result_keys_get(done, index);
        fputs(index ? "," : "", out);
        member(out, "{environment", atmn_environment_name(atmn_key_environment(key)));
        member(out, "key", atmn_key_masked(key));
        putc('}', out);
    }
    fprintf(out, "],\"kept\":%s,\"saved\":", atmn_login_result_saved(done) ? "false" : "true");
    save_result(out, atmn_login_result_saved(done));
    SCOPES(out, atmn_login_result_scopes, done);
    putc('}', out);
}

void response_object(FILE *out, const atmn_response *response)
{
    if (!response) {
        fputs("null", out);
        return;
    }
    fprintf(out, "{\"status\":%d", (int)atmn_response_status(response));
    member(out, "content_type", atmn_response_headers_find(response, "content-type"));
    member(out, "body", atmn_response_body(response, NULL));
    putc('}', out);
}
