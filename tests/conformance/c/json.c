#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int digit(int letter)
{
    return letter >= '0' && letter <= '9' ? letter - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Reads the character after a backslash; -1 if it is not an escape. */
static int escaped(const char **at)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = **at ? strchr(letters, **at) : NULL;
    if (found) {
        (*at)++;
        return meant[found - letters];
    }
    if (strncmp(*at, "u00", 3) != 0 || digit((*at)[3]) < 0 || digit((*at)[4]) < 0)
        return -1;
    *at += 5;
    return digit((*at)[-2]) * 16 + digit((*at)[-1]);
}

/* Reads a text in quotes; NULL if it is malformed. */
static char *read_text(const char **at, size_t *length)
{
    if (*(*at)++ != '"')
        return NULL;
    char *text = malloc(strlen(*at) + 1);
    size_t count = 0;
    while (text && **at != '"') {
        int letter = (unsigned char)*(*at)++;
        if (letter == '\\')
            letter = escaped(at);
        if (letter == -1 || (*at)[-1] == 0) {
            free(text);
            return NULL;
        }
        text[count++] = (char)letter;
    }
    (*at)++;
    text[count] = 0;
    *length = count;
    return text;
}

static int read_list(const char **at, struct value *value)
{
    size_t room = 16, unused;
    value->kind = LIST;
    value->list = malloc(room * sizeof *value->list);
    for ((*at)++; **at != ']'; *at += **at == ',') {
        if (value->length == room)
            value->list = realloc(value->list, (room *= 2) * sizeof *value->list);
        char *text = read_text(at, &unused);
        if (!text || (**at != ',' && **at != ']'))
            return 0;
        value->list[value->length++] = text;
    }
    (*at)++;
    return 1;
}

static int read_value(const char **at, struct value *value)
{
    memset(value, 0, sizeof *value);
    if (**at == '"') {
        value->kind = TEXT;
        return (value->text = read_text(at, &value->length)) != NULL;
    }
    if (**at == '[')
        return read_list(at, value);
    if (strncmp(*at, "true", 4) == 0 || strncmp(*at, "false", 5) == 0) {
        value->kind = FLAG;
        value->number = **at == 't';
        *at += value->number ? 4 : 5;
        return 1;
    }
    char *end;
    value->kind = NUMBER;
    value->number = strtoll(*at, &end, 10);
    int any = end != *at;
    *at = end;
    return any;
}

int request_read(struct request *request, const char *line)
{
    size_t unused;
    memset(request, 0, sizeof *request);
    if (*line++ != '{')
        return 0;
    while (*line != '}') {
        if (request->count == sizeof request->names / sizeof *request->names)
            return 0;
        char *name = read_text(&line, &unused);
        if (!name)
            return 0;
        request->names[request->count++] = name;
        if (*line++ != ':' || !read_value(&line, &request->values[request->count - 1]))
            return 0;
        if (*line != ',' && *line != '}')
            return 0;
        line += *line == ',';
    }
    return 1;
}

void request_free(struct request *request)
{
    for (size_t index = 0; index < request->count; index++) {
        struct value *value = &request->values[index];
        for (size_t item = 0; value->kind == LIST && item < value->length; item++)
            free(value->list[item]);
        free(value->list);
        free(value->text);
        free(request->names[index]);
    }
}

const struct value *request_get(struct request *request, const char *name)
{
    for (size_t index = 0; index < request->count; index++)
        if (strcmp(request->names[index], name) == 0) {
            request->used[index] = 1;
            return &request->values[index];
        }
    return NULL;
}

/* `NAME_hex` holds bytes that are not UTF-8. */
static const char *from_hex(const struct value *value)
{
    for (size_t index = 0; value && index * 2 < value->length; index++)
        value->text[index] = (char)(digit(value->text[2 * index]) * 16 + digit(value->text[2 * index + 1]));
    if (value)
        value->text[value->length / 2] = 0;
    return value ? value->text : NULL;
}

const char *request_text(struct request *request, const char *name)
{
    char hex[64];
    const struct value *value = request_get(request, name);
    if (value)
        return value->text;
    snprintf(hex, sizeof hex, "%s_hex", name);
    return from_hex(request_get(request, hex));
}

const char *request_unknown(const struct request *request)
{
    for (size_t index = 0; index < request->count; index++)
        if (!request->used[index])
            return request->names[index];
    return NULL;
}

void json_text(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (iscntrl((unsigned char)*text) && (unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}
