-- Calls a server that resets the connection, from a host that leaves SIGPIPE as it is. Arguments: libatmn.so, and the URL
-- of the server. Prints the name of the code.
local ffi = require("ffi")

ffi.cdef [[
typedef struct atmn_options atmn_options;
typedef struct atmn_identity atmn_identity;
atmn_options *atmn_options_new(void);
void atmn_options_set_server(atmn_options *options, const char *server);
void atmn_options_set_key(atmn_options *options, const char *key);
void atmn_options_free(atmn_options *options);
int32_t atmn_whoami(const atmn_options *options, void *canceller, atmn_identity **out, void **error);
const char *atmn_code_name(int32_t code);
]]

local atmn = ffi.load(arg[1])
local options = atmn.atmn_options_new()
atmn.atmn_options_set_server(options, arg[2])
atmn.atmn_options_set_key(options, "am_sk_test_planted000000000")
local code = atmn.atmn_whoami(options, nil, ffi.new("atmn_identity *[1]"), nil)
print(ffi.string(atmn.atmn_code_name(code)))
atmn.atmn_options_free(options)
