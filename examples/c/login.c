/* Logs in and saves the keys in .env. Ctrl-C cancels the login: nothing is saved, and the port is free. If the server has
 * sent the keys already, they are saved first, and the login succeeds.
 *
 *     cc login.c -o login $(pkg-config --cflags --libs atmn)
 */
#include <signal.h>
#include <stdio.h>

#include <atmn.h>

static void print_error(const atmn_error *error)
{
    const char *hint = atmn_error_hint(error); /* NULL if there is none */
    fprintf(stderr, "error %d (%s): %s\n", (int)atmn_error_code(error), atmn_code_name(atmn_error_code(error)),
            atmn_error_message(error));
    if (hint != NULL)
        fprintf(stderr, "hint: %s\n", hint);
}

static atmn_canceller *canceller;

static void on_interrupt(int number)
{
    (void)number;
    atmn_canceller_cancel(canceller); /* safe in a signal handler */
}

int main(void)
{
    atmn_options *options = atmn_options_new();
    atmn_login_result *result = NULL;
    atmn_error *error = NULL;
    int status = 0;

    canceller = atmn_canceller_new();
    signal(SIGINT, on_interrupt);
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL); /* prints the URL and each step to stderr */
    if (atmn_login(options, canceller, &result, &error) == ATMN_OK) {
        const char *name = atmn_organization_name(atmn_login_result_organization(result));
        const atmn_save_result *saved = atmn_login_result_saved(result);
        printf("Logged in to %s.\n", name ? name : "an organization whose name the server did not send");
        printf("%s\n", saved ? atmn_save_result_path(saved) : "The keys in the file still work and were kept.");
    } else {
        print_error(error);
        status = 1;
    }

    signal(SIGINT, SIG_DFL);
    atmn_error_free(error);
    atmn_login_result_free(result);
    atmn_canceller_free(canceller);
    atmn_options_free(options);
    return status;
}
