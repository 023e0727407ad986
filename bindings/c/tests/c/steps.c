/* Logins and requests in steps, in an event loop and while another program holds the lock of `.env`. Arguments: the URL
 * of a server that approves every login, an empty project, and a key of the server. */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct progress {
    int events[64], total;
    atmn_attempt *cancels; /* the event callback cancels it when the server has created keys */
};

static int32_t on_event(void *user_data, const atmn_event *event)
{
    struct progress *progress = user_data;
    int32_t code = atmn_event_code(event);
    CHECK(code > 0 && code < 64);
    progress->events[code]++;
    progress->total++;
    if (code == ATMN_EVENT_KEYS_RECEIVED && progress->cancels)
        atmn_attempt_cancel(progress->cancels);
    return 0;
}

static int is_readable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int count = poll(&wait, 1, 0);
    CHECK(count >= 0);
    return count == 1;
}

static void sleep_ms(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000 * 1000}, NULL);
}

/* A poll(2) loop that has no time limit. It returns from poll(2) only if there is something to do. */
static void event_loop(atmn_options *options)
{
    struct progress progress = {{0}, 0, NULL};
    atmn_attempt *attempt = NULL;
    atmn_login_result *done = NULL;
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    int fd = atmn_attempt_fd(attempt), wakes = 0;
    CHECK(fd >= 0 && atmn_attempt_timeout_ms(attempt) >= 0);
    while (done == NULL) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        CHECK(poll(&wait, 1, -1) == 1);
        CHECK(atmn_attempt_timeout_ms(attempt) == 0);
        int before = progress.total;
        WORKS(atmn_attempt_poll(attempt, 0, &done, &error));
        CHECK(done != NULL || progress.total > before);
        wakes++;
    }
    CHECK(progress.events[ATMN_EVENT_LOGIN_URL] == 1 && progress.events[ATMN_EVENT_KEYS_SAVED] == 1);
    CHECK(wakes <= progress.total + 1);
    CHECK(atmn_login_result_keys_count(done) == 2);
    CHECK(!is_readable(fd) && atmn_attempt_timeout_ms(attempt) == -1);
    atmn_login_result_free(done);
    atmn_attempt_free(attempt);
    CHECK(atmn_attempt_fd(NULL) == -1 && atmn_attempt_timeout_ms(NULL) == -1);
}

struct getters {
    atmn_attempt *attempt;
    atomic_int stop;
};

static void *get_all(void *argument)
{
    struct getters *getters = argument;
    const atmn_attempt *attempt = getters->attempt;
    while (!getters->stop) {
        int timeout = atmn_attempt_timeout_ms(attempt);
        CHECK(timeout >= -1 && timeout <= 300000);
        CHECK(atmn_attempt_fd(attempt) >= 0 && atmn_attempt_port(attempt) > 0 && atmn_attempt_url(attempt) != NULL);
        CHECK(atmn_attempt_deadline_ms(attempt) > 0);
        atmn_attempt_hint(attempt);
        sched_yield();
    }
    return NULL;
}

/* Getters on another thread do not get in the way of a poll, and answer meanwhile. */
static void getters_on_another_thread(atmn_options *options)
{
    struct getters getters = {NULL, 0};
    struct progress progress = {{0}, 0, NULL};
    atmn_login_result *done = NULL;
    pthread_t thread;
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_start_login(options, NULL, &getters.attempt, &error));
    CHECK(pthread_create(&thread, NULL, get_all, &getters) == 0);
    while (done == NULL)
        WORKS(atmn_attempt_poll(getters.attempt, 0, &done, &error));
    getters.stop = 1;
    CHECK(pthread_join(thread, NULL) == 0);
    atmn_login_result_free(done);
    atmn_attempt_free(getters.attempt);
}

/* How often the other threads of this process have waited. */
static long waits_of_other_threads(void)
{
    char path[512], line[256], own[32];
    long total = 0;
    snprintf(own, sizeof own, "%ld", (long)getpid());
    DIR *threads = opendir("/proc/self/task");
    CHECK(threads != NULL);
    for (struct dirent *entry; (entry = readdir(threads));) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *status = fopen(path, "r");
        while (status && fgets(line, sizeof line, status))
            if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
                total += strtol(line + 24, NULL, 10);
        if (status)
            fclose(status);
    }
    closedir(threads);
    return total;
}

/* A login that waits for the user wakes no thread. It may still work at first, so it has thirty tries. */
static void idle_login_sleeps(atmn_options *options)
{
    struct progress progress = {{0}, 0, NULL};
    atmn_attempt *attempt = NULL;
    atmn_login_result *done = NULL;
    long woken = 0;
    atmn_options_set_open_browser(options, 0);
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    while (progress.events[ATMN_EVENT_LOGIN_URL] == 0)
        WORKS(atmn_attempt_poll(attempt, 1000, &done, &error));
    for (int tries = 0; tries < 30; tries++) {
        long before = waits_of_other_threads();
        sleep_ms(1000);
        woken = waits_of_other_threads() - before;
        if (woken <= 2)
            break;
    }
    if (woken > 2)
        fprintf(stderr, "%ld wake-ups in a second\n", woken);
    CHECK(woken <= 2);
    CHECK(!is_readable(atmn_attempt_fd(attempt)));
    CHECK(atmn_attempt_timeout_ms(attempt) > 0 && atmn_attempt_timeout_ms(attempt) <= 300000);
    atmn_attempt_cancel(attempt);
    FAILS(ATMN_CANCELLED, NULL, atmn_attempt_wait(attempt, &done, &error));
    atmn_attempt_free(attempt);
    atmn_options_set_open_browser(options, 1);
}

/* One canceller for a login in steps. */
static void canceller_ends_attempt(atmn_options *options)
{
    atmn_attempt *attempt = NULL;
    atmn_login_result *done = NULL;
    atmn_canceller *canceller = atmn_canceller_new();
    atmn_options_set_on_event(options, NULL, NULL);
    WORKS(atmn_start_login(options, canceller, &attempt, &error));
    atmn_canceller_cancel(canceller);
    atmn_canceller_free(canceller);
    FAILS(ATMN_CANCELLED, NULL, atmn_attempt_wait(attempt, &done, &error));
    atmn_attempt_free(attempt);
}

/* Takes all write locks, as another program that saves does. */
static int take_locks(int *locks, int room)
{
    char folder[2048], path[4096];
    int count = 0;
    snprintf(folder, sizeof folder, "%s/atmn", getenv("XDG_STATE_HOME"));
    DIR *directory = opendir(folder);
    CHECK(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strstr(entry->d_name, ".write.lock"))
            continue;
        CHECK(count < room);
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        locks[count] = open(path, O_RDWR | O_CLOEXEC);
        CHECK(locks[count] >= 0 && flock(locks[count], LOCK_EX) == 0);
        count++;
    }
    closedir(directory);
    CHECK(count > 0);
    return count;
}

static void release_locks(int *locks, int count)
{
    while (count > 0)
        close(locks[--count]);
}

/* The login saves while another program holds the lock: a call with 0 only looks. A cancelled login saves first. */
static void poll_only_looks(atmn_options *options, int is_cancelled)
{
    struct progress progress = {{0}, 0, NULL};
    atmn_attempt *attempt = NULL;
    atmn_login_result *done = NULL;
    int locks[8], count = take_locks(locks, 8);
    atmn_options_set_on_event(options, on_event, &progress);
    WORKS(atmn_start_login(options, NULL, &attempt, &error));
    progress.cancels = is_cancelled ? attempt : NULL;
    while (progress.events[ATMN_EVENT_KEYS_RECEIVED] == 0) {
        WORKS(atmn_attempt_poll(attempt, 0, &done, &error));
        sleep_ms(1);
    }
    for (int looks = 0; looks < 100; looks++) {
        WORKS(atmn_attempt_poll(attempt, 0, &done, &error));
        CHECK(done == NULL && progress.events[ATMN_EVENT_KEYS_SAVED] == 0);
    }
    release_locks(locks, count);
    WORKS(atmn_attempt_wait(attempt, &done, &error));
    CHECK(atmn_login_result_saved(done) != NULL);
    atmn_login_result_free(done);
    atmn_attempt_free(attempt);
}

static void *cancel_soon(void *canceller)
{
    sleep_ms(100);
    atmn_canceller_cancel(canceller);
    return NULL;
}

/* Nothing releases the lock before the calls have returned. */
static void held_lock_can_be_cancelled(const atmn_options *options, const char *project, const char *key)
{
    atmn_save_result *saved = NULL;
    atmn_logout_result *out = NULL;
    atmn_pending_login *pending = NULL;
    int locks[8], count = take_locks(locks, 8);
    char *before = file_text(project, ".env");
    for (int call = 0; call < 2; call++) {
        pthread_t thread;
        atmn_canceller *canceller = atmn_canceller_new();
        CHECK(pthread_create(&thread, NULL, cancel_soon, canceller) == 0);
        if (call == 0)
            FAILS(ATMN_CANCELLED, NULL, atmn_save_keys(options, &key, 1, canceller, &saved, &error));
        else
            FAILS(ATMN_CANCELLED, NULL, atmn_logout(options, canceller, &out, &error));
        CHECK(pthread_join(thread, NULL) == 0);
        FAILS(ATMN_CANCELLED, NULL, atmn_begin_login(options, canceller, &pending, &error));
        atmn_canceller_free(canceller);
    }
    char *after = file_text(project, ".env");
    CHECK_TEXT(after, before);
    free(before);
    free(after);
    release_locks(locks, count);
}

/* Two requests at the same time in one loop; the client is freed before they end. */
static void requests(const atmn_options *options)
{
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_started_request *started[2] = {NULL};
    atmn_response *responses[2] = {NULL}, *none = NULL;
    WORKS(atmn_client_new(options, &client, &error));
    for (int index = 0; index < 2; index++)
        WORKS(atmn_client_start_request(client, request, NULL, &started[index], &error));
    atmn_client_free(client);
    atmn_request_free(request);
    while (!responses[0] || !responses[1]) {
        struct pollfd waits[2];
        for (int index = 0; index < 2; index++) {
            int fd = responses[index] ? -1 : atmn_started_request_fd(started[index]);
            waits[index] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
        CHECK(poll(waits, 2, -1) > 0);
        for (int index = 0; index < 2; index++)
            if (waits[index].revents) {
                WORKS(atmn_started_request_poll(started[index], 0, &responses[index], &error));
                CHECK(responses[index] != NULL);
            }
    }
    for (int index = 0; index < 2; index++) {
        CHECK(atmn_response_status(responses[index]) == 200);
        FAILS(ATMN_INVALID_ARGUMENT, "started_request", atmn_started_request_poll(started[index], 0, &none, &error));
        atmn_response_free(responses[index]);
        atmn_started_request_free(started[index]);
    }
}

static void cancelled_request(const atmn_options *options)
{
    atmn_client *client = NULL;
    atmn_request *request = atmn_request_new("GET", "/v1/customers");
    atmn_started_request *started = NULL;
    atmn_response *response = NULL;
    atmn_canceller *canceller = atmn_canceller_new();
    WORKS(atmn_client_new(options, &client, &error));
    atmn_canceller_cancel(canceller);
    WORKS(atmn_client_start_request(client, request, canceller, &started, &error));
    FAILS(ATMN_CANCELLED, NULL, atmn_started_request_poll(started, 60000, &response, &error));
    atmn_started_request_free(started);
    started = NULL;
    WORKS(atmn_client_start_request(client, request, NULL, &started, &error));
    atmn_started_request_cancel(started);
    atmn_started_request_free(started); /* while it may still run */
    atmn_started_request_cancel(NULL);
    CHECK(atmn_started_request_fd(NULL) == -1);
    atmn_canceller_free(canceller);
    atmn_client_free(client);
    atmn_request_free(request);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    for (int round = 0; round < 2; round++) {
        struct residue *before = residue_take();
        atmn_options *options = options_for(arguments[1], arguments[2]);
        event_loop(options);
        getters_on_another_thread(options);
        idle_login_sleeps(options);
        canceller_ends_attempt(options);
        poll_only_looks(options, 0);
        poll_only_looks(options, 1);
        held_lock_can_be_cancelled(options, arguments[2], arguments[3]);
        requests(options);
        cancelled_request(options);
        atmn_options_free(options);
        residue_check(before);
    }
    return 0;
}
