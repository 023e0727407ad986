#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connects to a port of this machine. */
static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0) {
        close(connection);
        return -1;
    }
    return connection;
}

static size_t read_all(int connection, char *answer, size_t room)
{
    size_t length = 0;
    ssize_t count;
    while (length + 1 < room && (count = read(connection, answer + length, room - 1 - length)) > 0)
        length += (size_t)count;
    answer[length] = 0;
    return length;
}

int web_get(const char *url, char *next, size_t room)
{
    static const char scheme[] = "http://";
    char host[256], request[8192], answer[65536];
    CHECK(strncmp(url, scheme, sizeof scheme - 1) == 0);
    const char *begin = url + sizeof scheme - 1, *path = strchr(begin, '/');
    CHECK(path != NULL && (size_t)(path - begin) < sizeof host);
    memcpy(host, begin, (size_t)(path - begin));
    host[path - begin] = 0;
    const char *port = strrchr(host, ':');
    int connection = dial(port ? atoi(port + 1) : 80);
    if (connection < 0)
        return -1;
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path,
                          host);
    CHECK(length > 0 && (size_t)length < sizeof request && write(connection, request, (size_t)length) == length);
    read_all(connection, answer, sizeof answer);
    close(connection);

    *next = 0;
    char *location = strstr(answer, "\r\nLocation: ");
    if (!location)
        location = strstr(answer, "\r\nlocation: ");
    if (location) {
        location += strlen("\r\nLocation: ");
        *strchr(location, '\r') = 0;
        snprintf(next, room, "%s%s%s", *location == '/' ? scheme : "", *location == '/' ? host : "", location);
    }
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

int web_visit(const char *url)
{
    char here[8192], next[8192];
    snprintf(here, sizeof here, "%s", url);
    for (int step = 0; step < 8; step++) {
        int status = web_get(here, next, sizeof next);
        if (*next == 0)
            return status;
        memcpy(here, next, sizeof here);
    }
    return -1;
}
