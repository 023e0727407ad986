//! Lists the customers with the active key.
//!
//!     zig translate-c -lc $(pkg-config --cflags atmn) c.h >c.zig
//!     zig build-exe --dep c -Mroot=customers.zig -Mc=c.zig -lc $(pkg-config --libs atmn)

const std = @import("std");
const c = @import("c");

/// Prints the error that a call has stored, and frees it.
fn check(code: c.atmn_code, stored: ?*c.atmn_error) !void {
    defer c.atmn_error_free(stored);
    if (code == c.ATMN_OK) return;
    std.debug.print("{s}\n", .{c.atmn_error_message(stored)});
    return error.Failed;
}

fn printActiveKey() !void {
    var resolved: ?*c.atmn_resolved_key = null;
    var stored: ?*c.atmn_error = null;
    const code = c.atmn_resolve_key(null, &resolved, &stored);
    try check(code, stored);
    defer c.atmn_resolved_key_free(resolved);
    const masked = c.atmn_key_masked(c.atmn_resolved_key_key(resolved));
    _ = c.printf("%s from %s\n", masked, c.atmn_location_text(c.atmn_resolved_key_source(resolved)));
}

fn printResponse(path: [*c]const u8) !void {
    const request = c.atmn_request_new("GET", path);
    defer c.atmn_request_free(request);
    var client: ?*c.atmn_client = null;
    var response: ?*c.atmn_response = null;
    var stored: ?*c.atmn_error = null;
    try check(c.atmn_client_new(null, &client, &stored), stored);
    defer c.atmn_client_free(client);
    try check(c.atmn_client_request(client, request, null, &response, &stored), stored);
    defer c.atmn_response_free(response);
    _ = c.printf("%d %s\n", c.atmn_response_status(response), c.atmn_response_body(response, null));
}

pub fn main() u8 {
    printActiveKey() catch return 1;
    printResponse("/v1/customers") catch return 1;
    return 0;
}
