/* The browser of the tests, which $BROWSER names: it follows redirects. */
#include "check.h"

int main(int count, char **arguments)
{
    CHECK(count == 2);
    return web_visit(arguments[1]) == 200 ? 0 : 1;
}
