/* The browser of the tests, which $BROWSER names: it follows redirects. It fails if it has inherited a blocked signal. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <signal.h>

int main(int count, char **arguments)
{
    sigset_t mask;
    CHECK(count == 2);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && !sigismember(&mask, SIGPIPE));
    return web_visit(arguments[1]) == 200 ? 0 : 1;
}
