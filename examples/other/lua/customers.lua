-- Lists the customers with the active key. LIBATMN names the shared library, if the system does not find it.
--
--     luajit customers.lua
local ffi = require("ffi")

ffi.cdef [[
typedef struct atmn_error atmn_error;
typedef struct atmn_resolved_key atmn_resolved_key;
typedef struct atmn_client atmn_client;
typedef struct atmn_request atmn_request;
typedef struct atmn_response atmn_response;
const char *atmn_error_message(const atmn_error *error);
void atmn_error_free(atmn_error *error);
int32_t atmn_resolve_key(const void *options, atmn_resolved_key **out, atmn_error **error);
const void *atmn_resolved_key_key(const atmn_resolved_key *resolved);
const void *atmn_resolved_key_source(const atmn_resolved_key *resolved);
void atmn_resolved_key_free(atmn_resolved_key *resolved);
const char *atmn_key_masked(const void *key);
const char *atmn_location_text(const void *location);
int32_t atmn_client_new(const void *options, atmn_client **out, atmn_error **error);
int32_t atmn_client_request(atmn_client *client, const atmn_request *request, void *canceller, atmn_response **out,
                            atmn_error **error);
void atmn_client_free(atmn_client *client);
atmn_request *atmn_request_new(const char *method, const char *path);
void atmn_request_free(atmn_request *request);
int32_t atmn_response_status(const atmn_response *response);
const char *atmn_response_body(const atmn_response *response, size_t *length);
void atmn_response_free(atmn_response *response);
]]

local atmn = ffi.load(os.getenv("LIBATMN") or "libatmn.so.0")

-- Makes a call that stores a result of a type, or an error; returns the result, which the garbage collector frees.
local function result(type, call)
    local out, failure = ffi.new(type .. " *[1]"), ffi.new("atmn_error *[1]")
    if call(out, failure) == 0 then
        return ffi.gc(out[0], atmn[type .. "_free"])
    end
    local message = ffi.string(atmn.atmn_error_message(failure[0]))
    atmn.atmn_error_free(failure[0])
    error(message, 0)
end

local function print_active_key()
    local resolved = result("atmn_resolved_key", function(out, failure)
        return atmn.atmn_resolve_key(nil, out, failure)
    end)
    local masked = ffi.string(atmn.atmn_key_masked(atmn.atmn_resolved_key_key(resolved)))
    print(masked .. " from " .. ffi.string(atmn.atmn_location_text(atmn.atmn_resolved_key_source(resolved))))
end

local function print_response(path)
    local client = result("atmn_client", function(out, failure)
        return atmn.atmn_client_new(nil, out, failure)
    end)
    local request = ffi.gc(atmn.atmn_request_new("GET", path), atmn.atmn_request_free)
    local response = result("atmn_response", function(out, failure)
        return atmn.atmn_client_request(client, request, nil, out, failure)
    end)
    print(atmn.atmn_response_status(response) .. " " .. ffi.string(atmn.atmn_response_body(response, nil)))
end

local works, message = pcall(function()
    print_active_key()
    print_response("/v1/customers")
end)
if not works then
    io.stderr:write(message, "\n")
    os.exit(1)
end
