/* File descriptors: too few of them, and none for stdin, stdout and stderr. Arguments: the URL of a server that approves
 * every login, and an empty project. */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 64, ENOUGH = 24 };

static const char *server, *project;
static const char *const keys[] = {"am_sk_test_planted000000000"};

/* A failure for want of descriptors has one code, and the system's error as its cause. */
static int works(atmn_code code, atmn_error **out)
{
    atmn_error *error = *out; /* the call has been made when this function begins */
    CHECK((code == ATMN_OK) == (error == NULL));
    if (error) {
        CHECK(code == ATMN_SYSTEM_LIMIT && strlen(atmn_error_message(error)) > 10);
        CHECK_TEXT(atmn_error_context_find(error, "system_code"), "EMFILE");
        CHECK(strstr(atmn_error_cause(error), "Too many open files") != NULL);
        atmn_error_free(error);
    }
    return code == ATMN_OK;
}

static int resolve(atmn_options *options)
{
    atmn_resolved_key *resolved = NULL;
    atmn_error *error = NULL;
    atmn_code code = atmn_resolve_key(options, &resolved, &error);
    int done = works(code, &error);
    if (done)
        CHECK_TEXT(atmn_key_reveal(atmn_resolved_key_key(resolved)), keys[0]);
    atmn_resolved_key_free(resolved);
    return done;
}

static int save(atmn_options *options)
{
    atmn_save_result *saved = NULL;
    atmn_error *error = NULL;
    int done = works(atmn_save_keys(options, keys, 1, NULL, &saved, &error), &error);
    atmn_save_result_free(saved);
    return done;
}

static int start(atmn_options *options)
{
    atmn_attempt *attempt = NULL;
    atmn_error *error = NULL;
    int done = works(atmn_start_login(options, NULL, &attempt, &error), &error);
    atmn_attempt_free(attempt);
    return done;
}

static int make_client(atmn_options *options)
{
    atmn_client *client = NULL;
    atmn_error *error = NULL;
    int done = works(atmn_client_new(options, &client, &error), &error);
    atmn_client_free(client);
    return done;
}

/* All calls with this many free descriptors; returns whether all work. */
static int calls_with(int room)
{
    int opened[LIMIT], count = 0, done = 0;
    atmn_options *options = options_for(server, project);
    while (count < LIMIT && (opened[count] = open("/dev/null", O_RDONLY)) >= 0)
        count++;
    CHECK(count > room && errno == EMFILE);
    for (int index = 0; index < room; index++)
        close(opened[--count]);
    done += resolve(options);
    done += save(options);
    done += start(options);
    done += make_client(options);
    while (count > 0)
        close(opened[--count]);
    atmn_options_free(options);
    return done == 4;
}

static void limited(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = LIMIT; /* valgrind does not allow lowering the hard limit */
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(!calls_with(0));
    for (int room = 1; room < ENOUGH; room++)
        calls_with(room);
    CHECK(calls_with(ENOUGH));
}

/* How many of the numbers 0, 1 and 2 are a file, a pipe or a socket that something could write to. */
static int writable_streams(void)
{
    int count = 0;
    for (int number = 0; number < 3; number++)
        count += write(number, "x", 1) >= 0 || errno != EBADF;
    return count;
}

/* The library gives the numbers 0, 1 and 2 to none of its files and sockets. */
static void closed(void)
{
    atmn_options *options = options_for(server, project);
    atmn_login_result *result = NULL;
    int saved[3];
    for (int number = 0; number < 3; number++)
        saved[number] = fcntl(number, F_DUPFD, 10);
    for (int number = 0; number < 3; number++)
        close(number);
    int works = save(options) && resolve(options);
    atmn_code code = atmn_login(options, NULL, &result, NULL);
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_attempt *attempt = NULL;
    works = works && atmn_client_new(options, &client, NULL) == ATMN_OK;
    atmn_response *response = NULL;
    atmn_code answered = atmn_client_request(client, request, NULL, &response, NULL); /* leaves an idle connection */
    int writable = writable_streams();
    works = works && atmn_start_login(options, NULL, &attempt, NULL) == ATMN_OK;
    writable += writable_streams();
    atmn_attempt_free(attempt);
    atmn_response_free(response);
    atmn_request_free(request);
    atmn_client_free(client);
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
    atmn_error *error = NULL;
    atmn_code listened = atmn_login(options, NULL, &result, &error);
    int leaked = 0;
    for (int number = 0; number < 3; number++)
        leaked += fcntl(number, F_GETFD) >= 0;
    for (int number = 0; number < 3; number++)
        CHECK(dup2(saved[number], number) == number && close(saved[number]) == 0);
    CHECK(works && leaked == 0 && writable == 0);
    CHECK(code == ATMN_LOGIN_UNATTENDED && answered != ATMN_PANIC);
    CHECK(listened == ATMN_CANCELLED && strstr(atmn_error_message(error), "stderr cannot be written to") != NULL);
    CHECK(strstr(atmn_error_cause(error), "Bad file descriptor") != NULL);
    atmn_error_free(error);
    char *text = file_text(project, ".env");
    CHECK(strncmp(text, "AUTUMN_", 7) == 0 && strstr(text, "http") == NULL);
    free(text);
    atmn_login_result_free(result);
    atmn_options_free(options);
}

/* Makes stderr a pipe that takes nothing more; returns its other end, and stores the former stderr. */
static int full_stderr(int blocking, int *former)
{
    static const char filler[4096];
    int ends[2];
    CHECK(pipe(ends) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    while (write(ends[1], filler, sizeof filler) > 0)
        continue;
    CHECK(errno == EAGAIN);
    CHECK(!blocking || fcntl(ends[1], F_SETFL, 0) == 0);
    *former = fcntl(2, F_DUPFD, 10);
    CHECK(dup2(ends[1], 2) == 2 && close(ends[1]) == 0);
    return ends[0];
}

static void restore_stderr(int end, int former)
{
    CHECK(dup2(former, 2) == 2 && close(former) == 0 && close(end) == 0);
}

/* A full pipe that no program reads ends the login. */
static void unread(void)
{
    int former, end = full_stderr(1, &former);
    atmn_options *options = options_for(server, project);
    atmn_login_result *result = NULL;
    atmn_error *error = NULL;
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
    atmn_code code = atmn_login(options, NULL, &result, &error);
    restore_stderr(end, former);
    CHECK(code == ATMN_CANCELLED && strstr(atmn_error_cause(error), "timed out") != NULL);
    atmn_error_free(error);
    atmn_options_free(options);
}

static void *read_later(void *end)
{
    char text[4096];
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL); /* whenever this ends, the login works */
    while (read(*(int *)end, text, sizeof text) > 0)
        continue;
    return NULL;
}

/* A full pipe that is read later delays the login, also if it is non-blocking. */
static void read_late(int blocking)
{
    int former, end = full_stderr(blocking, &former);
    atmn_options *options = options_for(server, project);
    atmn_login_result *result = NULL;
    pthread_t reader;
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
    CHECK(pthread_create(&reader, NULL, read_later, &end) == 0);
    atmn_code code = atmn_login(options, NULL, &result, NULL);
    CHECK(dup2(former, 2) == 2 && close(former) == 0); /* the reader sees the end */
    CHECK(pthread_join(reader, NULL) == 0 && close(end) == 0);
    CHECK(code == ATMN_OK);
    atmn_login_result_free(result);
    atmn_options_free(options);
}

int main(int count, char **arguments)
{
    CHECK(count == 3);
    server = arguments[1], project = arguments[2];
    atmn_options *options = options_for(server, project);
    CHECK(save(options));
    atmn_options_free(options);
    limited();
    closed();
    unread();
    read_late(0);
    read_late(1);
    return 0;
}
