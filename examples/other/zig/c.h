/* The headers that the program imports. */
#include <stdio.h>
#include <atmn.h>
