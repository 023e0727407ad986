#include <atmn.h>
