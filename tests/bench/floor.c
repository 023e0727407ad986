/* The lower bound for programs that find a key: opens one known file, reads it, prints one line. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char name[] = "AUTUMN_SECRET_KEY=";
    char line[512];
    FILE *file = fopen(".env", "r");
    if (file == NULL)
        return 1;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, sizeof name - 1) == 0)
            fputs(line + sizeof name - 1, stdout);
    return fclose(file);
}
