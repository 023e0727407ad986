/* A program that takes the exit status of its children away. Arguments: the URL of a server that approves every login, and an
 * empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int events[64], hints_about_browser;

/* Ends the login when it is clear what became of the browser. */
static int32_t on_event(void *user_data, const atmn_event *event)
{
    int32_t code = atmn_event_code(event);
    (void)user_data;
    events[code]++;
    if (code == ATMN_EVENT_HINT && atmn_event_context_find(event, "program") != NULL) {
        CHECK_TEXT(atmn_event_context_find(event, "program"), "failing");
        hints_about_browser++;
        return 1;
    }
    return code == ATMN_EVENT_BROWSER_OPENED || code == ATMN_EVENT_BROWSER_FAILED;
}

static void login(const char *server, const char *project)
{
    atmn_options *options = options_for(server, project);
    atmn_login_result *result = NULL;
    memset(events, 0, sizeof events);
    hints_about_browser = 0;
    atmn_options_set_on_event(options, on_event, NULL);
    FAILS(ATMN_CANCELLED, NULL, atmn_login(options, NULL, &result, &error));
    CHECK(events[ATMN_EVENT_BROWSER_OPENED] == 0);
    CHECK(events[ATMN_EVENT_BROWSER_FAILED] + hints_about_browser == 1);
    atmn_options_free(options);
}

static void handle(int flags, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
}

static void reap_all(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

/* A browser that ends after its login is reaped when the attempt is freed. */
static void late_browser(const char *server, const char *project)
{
    atmn_options *options = options_for(server, project);
    atmn_attempt *attempt = NULL;
    atmn_login_result *result = NULL;
    siginfo_t ended;
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    CHECK(atmn_attempt_wait(attempt, &result, NULL) == ATMN_OK);
    char *id = file_text(project, "late.id");
    pid_t browser = (pid_t)atol(id);
    CHECK(browser > 1 && kill(browser, SIGKILL) == 0);
    CHECK(waitid(P_PID, (id_t)browser, &ended, WEXITED | WNOWAIT) == 0);
    atmn_attempt_free(attempt);
    CHECK(kill(browser, 0) == -1); /* reaped, so that its number is free */
    free(id);
    atmn_login_result_free(result);
    atmn_options_free(options);
}

int main(int count, char **arguments)
{
    char path[4096], script[8192];
    CHECK(count == 3);
    const char *visiting = getenv("BROWSER");
    CHECK(snprintf(script, sizeof script, "#!/bin/sh\necho $$ >'%s/late.id'\n%s \"$1\"\nexec sleep 600\n", arguments[2],
                   visiting) > 0);
    write_file(arguments[2], "late", script);
    write_file(arguments[2], "failing", "#!/bin/sh\nexit 3\n");
    CHECK(snprintf(path, sizeof path, "%s/late", arguments[2]) > 0 && chmod(path, 0755) == 0);
    CHECK(setenv("BROWSER", path, 1) == 0);
    late_browser(arguments[1], arguments[2]);

    CHECK(snprintf(path, sizeof path, "%s/failing", arguments[2]) > 0 && chmod(path, 0755) == 0);
    CHECK(setenv("BROWSER", path, 1) == 0);
    login(arguments[1], arguments[2]);
    CHECK(events[ATMN_EVENT_BROWSER_FAILED] == 1);
    handle(0, SIG_IGN);
    login(arguments[1], arguments[2]);
    CHECK(hints_about_browser == 1);
    handle(SA_NOCLDWAIT, SIG_DFL);
    login(arguments[1], arguments[2]);
    CHECK(hints_about_browser == 1);
    handle(SA_RESTART, reap_all);
    login(arguments[1], arguments[2]);
    return 0;
}
