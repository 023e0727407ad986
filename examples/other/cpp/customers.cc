// Lists the customers with the active key.
//
//     c++ -std=c++17 customers.cc -o customers $(pkg-config --cflags --libs atmn)
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include <atmn.h>

// Owns an object of the library.
template <typename T, void (*Free)(T *)>
struct Freed {
    void operator()(T *object) const { Free(object); }
};
template <typename T, void (*Free)(T *)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;

using Client = Owned<atmn_client, atmn_client_free>;
using Error = Owned<atmn_error, atmn_error_free>;
using Request = Owned<atmn_request, atmn_request_free>;
using Response = Owned<atmn_response, atmn_response_free>;
using ResolvedKey = Owned<atmn_resolved_key, atmn_resolved_key_free>;

// Throws the error that a call has stored. Not called with the call as its argument: C++ may evaluate `stored` first.
static void check(atmn_code code, atmn_error *stored)
{
    const Error error(stored);
    if (code != ATMN_OK)
        throw std::runtime_error(error ? atmn_error_message(error.get()) : atmn_code_name(code));
}

static ResolvedKey resolve_key()
{
    atmn_resolved_key *resolved = nullptr;
    atmn_error *error = nullptr;
    const atmn_code code = atmn_resolve_key(nullptr, &resolved, &error);
    check(code, error);
    return ResolvedKey(resolved);
}

static Response get(const char *path)
{
    const Request request(atmn_request_new("GET", path));
    atmn_client *client = nullptr;
    atmn_response *response = nullptr;
    atmn_error *error = nullptr;
    atmn_code code = atmn_client_new(nullptr, &client, &error);
    check(code, error);
    const Client owned(client);
    code = atmn_client_request(client, request.get(), nullptr, &response, &error);
    check(code, error);
    return Response(response);
}

int main()
try {
    const ResolvedKey resolved = resolve_key();
    std::printf("%s from %s\n", atmn_key_masked(atmn_resolved_key_key(resolved.get())),
                atmn_location_text(atmn_resolved_key_source(resolved.get())));
    const Response response = get("/v1/customers");
    std::printf("%d %s\n", static_cast<int>(atmn_response_status(response.get())),
                atmn_response_body(response.get(), nullptr));
    return 0;
} catch (const std::exception &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
}
