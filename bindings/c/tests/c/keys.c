/* Operations without network: classify, save, resolve, explain, log out. Argument: an empty project. */
#include "check.h"

static const char SANDBOX[] = "am_sk_test_sandbox0planted", LIVE[] = "am_sk_live_live0planted000";

static void classify(void)
{
    static const struct {
        const char *text;
        atmn_kind kind;
        atmn_environment environment;
    } cases[] = {
        {"am_sk_test_a", ATMN_KIND_SECRET, ATMN_ENVIRONMENT_SANDBOX},
        {"am_sk_live_a", ATMN_KIND_SECRET, ATMN_ENVIRONMENT_LIVE},
        {"am_pk_test_a", ATMN_KIND_PUBLISHABLE, ATMN_ENVIRONMENT_SANDBOX},
        {"am_pk_live_a", ATMN_KIND_PUBLISHABLE, ATMN_ENVIRONMENT_LIVE},
        {"am_sk_test_", 0, 0},
        {"am_sk_test_a\n", 0, 0},
        {"", 0, 0},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        atmn_kind kind = 7;
        atmn_environment environment = 7;
        WORKS(atmn_classify_key(cases[index].text, &kind, &environment, &error));
        CHECK(kind == cases[index].kind && environment == cases[index].environment);
    }
}

static void names(void)
{
    CHECK_TEXT(atmn_code_name(ATMN_OK), "ok");
    CHECK_TEXT(atmn_code_name(ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY), "failed_to_verify_publishable_key");
    CHECK_TEXT(atmn_code_name(99), "unknown");
    CHECK_TEXT(atmn_event_name(ATMN_EVENT_REQUEST_REFUSED), "request_refused");
    CHECK_TEXT(atmn_event_name(0), "unknown");
    CHECK_TEXT(atmn_kind_name(ATMN_KIND_SECRET), "secret");
    CHECK_TEXT(atmn_kind_name(ATMN_KIND_PUBLISHABLE), "publishable");
    CHECK_TEXT(atmn_environment_name(ATMN_ENVIRONMENT_SANDBOX), "sandbox");
    CHECK_TEXT(atmn_environment_name(ATMN_ENVIRONMENT_LIVE), "live");
    CHECK_TEXT(atmn_origin_name(ATMN_ORIGIN_ARGUMENT), "argument");
    CHECK_TEXT(atmn_origin_name(ATMN_ORIGIN_PROCESS), "process");
    CHECK_TEXT(atmn_origin_name(ATMN_ORIGIN_SECRET_FILE), "secret_file");
    CHECK_TEXT(atmn_origin_name(ATMN_ORIGIN_ENV_FILE), "env_file");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_USED), "used");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_ABSENT), "absent");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_EMPTY), "empty");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_SHADOWED), "shadowed");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_REFUSED), "refused");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_SKIPPED), "skipped");
    CHECK_TEXT(atmn_outcome_name(ATMN_OUTCOME_REMOVED), "removed");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_NONE), "none");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_IGNORED), "ignored");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_ADDED), "added");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_NOT_IGNORED), "not_ignored");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_TRACKED), "tracked");
    CHECK_TEXT(atmn_git_name(ATMN_GIT_UNKNOWN), "unknown");
    CHECK_TEXT(atmn_git_name(-1), "unknown");
    CHECK(atmn_abi_version() == ATMN_ABI_VERSION && strlen(atmn_version()) >= 5);
}

static void save(atmn_options *options, const char *project)
{
    const char *const keys[] = {LIVE, SANDBOX};
    atmn_save_result *saved = NULL;
    char path[4096];
    write_file(project, ".env", "# mine\nAUTUMN_SECRET_KEY=am_sk_test_oldold0000000\nPORT=80\n");
    write_file(project, ".env.local", "AUTUMN_SECRET_KEY=am_sk_test_nearer0000000\n");
    atmn_options_set_file(options, ".env");
    WORKS(atmn_save_keys(options, keys, 2, NULL, &saved, &error));
    atmn_options_set_file(options, NULL);
    snprintf(path, sizeof path, "%s/.env", project);
    CHECK_TEXT(atmn_save_result_path(saved), path);
    CHECK(atmn_save_result_created(saved) == 0 && atmn_save_result_locked(saved) == 1);
    CHECK(strstr(atmn_save_result_note(saved), "chmod 600") != NULL);
    CHECK(atmn_save_result_git(saved) == ATMN_GIT_NONE);
    CHECK(atmn_save_result_replaced_count(saved) == 1 && atmn_save_result_replaced_get(saved, 1) == NULL);
    CHECK_TEXT(atmn_location_masked(atmn_save_result_replaced_get(saved, 0)), "am_sk_test_…0000");
    CHECK(atmn_save_result_shadowed_by_count(saved) == 1 && atmn_save_result_shadowed_by_get(saved, 1) == NULL);
    CHECK(strstr(atmn_location_path(atmn_save_result_shadowed_by_get(saved, 0)), ".env.local") != NULL);
    atmn_save_result_free(saved);

    char expected[256], *text = file_text(project, ".env");
    snprintf(expected, sizeof expected, "# mine\nAUTUMN_SECRET_KEY=%s\nPORT=80\n", SANDBOX);
    CHECK(strncmp(text, expected, strlen(expected)) == 0 && strstr(text, LIVE) != NULL);
    free(text);
}

static void resolve(atmn_options *options, const char *project)
{
    atmn_resolved_key *found = NULL;
    char path[4096];
    CHECK(snprintf(path, sizeof path, "%s/.env.local", project) > 0 && remove(path) == 0);
    WORKS(atmn_resolve_key(options, &found, &error));
    const atmn_key *key = atmn_resolved_key_key(found);
    const atmn_location *source = atmn_resolved_key_source(found);
    CHECK_TEXT(atmn_key_reveal(key), SANDBOX);
    CHECK_TEXT(atmn_key_masked(key), "am_sk_test_…nted");
    CHECK(atmn_key_kind(key) == ATMN_KIND_SECRET && atmn_key_environment(key) == ATMN_ENVIRONMENT_SANDBOX);
    CHECK(atmn_location_origin(source) == ATMN_ORIGIN_ENV_FILE && atmn_location_line(source) == 2);
    CHECK(atmn_location_outcome(source) == ATMN_OUTCOME_USED);
    CHECK_TEXT(atmn_location_variable(source), "AUTUMN_SECRET_KEY");
    CHECK_TEXT(atmn_location_masked(source), "am_sk_test_…nted");
    CHECK_TEXT(atmn_location_reason(source), NULL);
    CHECK(strstr(atmn_location_text(source), ".env, line 2") != NULL);
    CHECK(strstr(atmn_location_path(source), "/.env") != NULL);
    CHECK(atmn_resolved_key_skipped_count(found) == 0 && atmn_resolved_key_skipped_get(found, 0) == NULL);
    atmn_resolved_key_free(found);

    atmn_options_set_environment(options, ATMN_ENVIRONMENT_LIVE);
    WORKS(atmn_resolve_key(options, &found, &error));
    CHECK_TEXT(atmn_key_reveal(atmn_resolved_key_key(found)), LIVE);
    atmn_resolved_key_free(found);
    atmn_options_set_key(options, SANDBOX);
    FAILS(ATMN_WRONG_ENVIRONMENT, NULL, atmn_resolve_key(options, &found, &error));
    atmn_options_set_key(options, NULL);
    atmn_options_set_environment(options, 0);
}

static void explain(const atmn_options *options)
{
    atmn_locations *locations = NULL;
    int used = 0;
    WORKS(atmn_explain_key(options, &locations, &error));
    CHECK(atmn_locations_count(locations) >= 4);
    for (size_t index = 0; index < atmn_locations_count(locations); index++) {
        const atmn_location *location = atmn_locations_get(locations, index);
        used += atmn_location_outcome(location) == ATMN_OUTCOME_USED;
        CHECK(strstr(atmn_location_text(location), "planted") == NULL);
    }
    CHECK(used == 1 && atmn_locations_get(locations, atmn_locations_count(locations)) == NULL);
    atmn_locations_free(locations);
}

static void logout(const atmn_options *options, const char *project)
{
    atmn_logout_result *done = NULL;
    WORKS(atmn_logout(options, NULL, &done, &error));
    CHECK(atmn_logout_result_removed_count(done) == 2 && atmn_logout_result_removed_get(done, 2) == NULL);
    CHECK(atmn_location_outcome(atmn_logout_result_removed_get(done, 0)) == ATMN_OUTCOME_REMOVED);
    CHECK(atmn_logout_result_remaining_count(done) == 0 && atmn_logout_result_remaining_get(done, 0) == NULL);
    CHECK(strstr(atmn_logout_result_path(done), "/.env") != NULL && strlen(atmn_logout_result_note(done)) > 20);
    CHECK(atmn_logout_result_locked(done) == 1);
    atmn_logout_result_free(done);
    char *text = file_text(project, ".env");
    CHECK_TEXT(text, "# mine\nPORT=80\n");
    free(text);
    atmn_resolved_key *found = NULL;
    FAILS(ATMN_KEY_NOT_FOUND, NULL, atmn_resolve_key(options, &found, &error));
    CHECK(found == NULL);
    /* No key is no error, and stores NULL. */
    char other = 0;
    found = (atmn_resolved_key *)(void *)&other;
    WORKS(atmn_find_key(options, &found, &error));
    CHECK(found == NULL);
}

/* Saves in .env.local, from which a logout removes the keys again. */
static void local_file(atmn_options *options, const char *project)
{
    const char *keys[] = {SANDBOX};
    atmn_save_result *saved = NULL;
    atmn_logout_result *done = NULL;
    atmn_resolved_key *found = NULL;
    atmn_options_set_file(options, ".env.local");
    WORKS(atmn_save_keys(options, keys, 1, NULL, &saved, &error));
    CHECK(strstr(atmn_save_result_path(saved), "/.env.local") != NULL);
    atmn_options_set_file(options, NULL);
    WORKS(atmn_find_key(options, &found, &error));
    CHECK_TEXT(atmn_key_reveal(atmn_resolved_key_key(found)), SANDBOX);
    WORKS(atmn_logout(options, NULL, &done, &error));
    CHECK(strstr(atmn_logout_result_path(done), "/.env.local") != NULL);
    atmn_save_result_free(saved);
    atmn_logout_result_free(done);
    atmn_resolved_key_free(found);
    char *text = file_text(project, ".env.local");
    CHECK_TEXT(text, "");
    free(text);
    char path[4096];
    CHECK(snprintf(path, sizeof path, "%s/.env.local", project) > 0 && remove(path) == 0);
}

static void server_info(atmn_options *options)
{
    atmn_server_facts *facts = NULL;
    atmn_options_set_server(options, "cloud");
    WORKS(atmn_server_info(options, &facts, &error));
    CHECK_TEXT(atmn_server_facts_api_url(facts), "https://api.useautumn.com");
    CHECK_TEXT(atmn_server_facts_dashboard_url(facts), "https://app.useautumn.com");
    CHECK(atmn_server_facts_scopes_count(facts) == 20 && atmn_server_facts_scopes_get(facts, 20) == NULL);
    CHECK_TEXT(atmn_server_facts_scopes_get(facts, 0), "customers:create");
    CHECK(strlen(atmn_server_facts_client_id(facts)) == 32);
    atmn_server_facts_free(facts);
    atmn_options_set_server(options, "https://autumn.example");
    WORKS(atmn_server_info(options, &facts, &error));
    CHECK_TEXT(atmn_server_facts_dashboard_url(facts), NULL);
    atmn_server_facts_free(facts);
    atmn_options_set_server(options, NULL);
}

static void diagnose(atmn_options *options)
{
    atmn_diagnosis *diagnosis = NULL;
    atmn_options_set_offline(options, 1);
    WORKS(atmn_diagnose(options, NULL, &diagnosis, &error));
    size_t count = atmn_diagnosis_checks_count(diagnosis), keys = 0;
    CHECK(count > 8 && atmn_diagnosis_checks_get(diagnosis, count) == NULL);
    for (size_t index = 0; index < count; index++) {
        const atmn_check *check = atmn_diagnosis_checks_get(diagnosis, index);
        keys += strcmp(atmn_check_subject(check), "sandbox_key") == 0;
        CHECK(strlen(atmn_check_message(check)) > 5);
        CHECK(strcmp(atmn_check_outcome_name(atmn_check_outcome(check)), "unknown") != 0);
        CHECK(atmn_check_outcome(check) == ATMN_CHECK_OUTCOME_OK ? atmn_check_hint(check) == NULL : 1);
    }
    CHECK(keys > 0);
    atmn_diagnosis_free(diagnosis);
    atmn_options_set_offline(options, 0);
}

static void login_command(const atmn_options *options)
{
    static const char *const commands[] = {"shop login", NULL, "shop login", "", "shop login", "shop\nlogin"};
    for (size_t index = 0; index < sizeof commands / sizeof *commands; index++) {
        atmn_resolved_key *found = NULL;
        atmn_error *error = NULL;
        atmn_set_login_command(commands[index]);
        CHECK(atmn_resolve_key(options, &found, &error) == ATMN_KEY_NOT_FOUND);
        CHECK((strstr(atmn_error_hint(error), "shop") != NULL) == (index % 2 == 0));
        atmn_error_free(error);
    }
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = atmn_options_new();
        atmn_options_set_directory(options, arguments[1]);
        atmn_options_set_boundary(options, arguments[1]);
        classify();
        names();
        save(options, arguments[1]);
        resolve(options, arguments[1]);
        explain(options);
        logout(options, arguments[1]);
        local_file(options, arguments[1]);
        server_info(options);
        diagnose(options);
        login_command(options);
        atmn_options_free(options);
        residue_check(before);
    }
    return 0;
}
