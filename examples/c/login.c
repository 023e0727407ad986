/* Logs in, saves the keys in .env, and ends early on Ctrl-C, its port free and nothing saved.
 *
 *     cc login.c -o login $(pkg-config --cflags --libs atmn)
 */
#include <signal.h>
#include <stdio.h>

#include <atmn.h>

static atmn_canceller *canceller;

static void interrupted(int number)
{
    (void)number;
    atmn_canceller_cancel(canceller); /* it only stores a flag */
}

int main(void)
{
    atmn_options *options = atmn_options_new();
    atmn_login_result *done = NULL;
    atmn_error *error = NULL;
    int status = 0;

    canceller = atmn_canceller_new();
    signal(SIGINT, interrupted);
    atmn_options_set_on_event(options, atmn_terminal_listener, NULL); /* the address, and what happens, on stderr */
    if (atmn_login(options, canceller, &done, &error) == ATMN_OK) {
        const char *name = atmn_organization_name(atmn_login_result_organization(done));
        const atmn_save_result *saved = atmn_login_result_saved(done);
        printf("Logged in to %s.\n", name ? name : "an organization whose name the server did not tell");
        printf("%s\n", saved ? atmn_save_result_path(saved) : "The keys that were there still work, and were kept.");
    } else {
        const char *hint = atmn_error_hint(error);
        fprintf(stderr, "%s %s\n", atmn_error_message(error), hint ? hint : "");
        status = 1;
    }

    signal(SIGINT, SIG_DFL);
    atmn_error_free(error);
    atmn_login_result_free(done);
    atmn_canceller_free(canceller);
    atmn_options_free(options);
    return status;
}
