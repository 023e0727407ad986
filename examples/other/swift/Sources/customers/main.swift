import CAtmn
import Foundation

/// The sentence of an `atmn_error`.
struct Failure: Error {
    let message: String
}

/// Makes a call that stores a result or an error, and returns the result.
func result(
    _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> atmn_code
) throws -> OpaquePointer? {
    var out: OpaquePointer?
    var error: OpaquePointer?
    if call(&out, &error) == ATMN_OK {
        return out
    }
    defer { atmn_error_free(error) }
    throw Failure(message: String(cString: atmn_error_message(error)))
}

/// The active key, masked, and where it was found.
func activeKey() throws -> String {
    let resolved = try result { atmn_resolve_key(nil, $0, $1) }
    defer { atmn_resolved_key_free(resolved) }
    let masked = String(cString: atmn_key_masked(atmn_resolved_key_key(resolved)))
    let source = String(cString: atmn_location_text(atmn_resolved_key_source(resolved)))
    return "\(masked) from \(source)"
}

/// Status and body of a response.
func get(_ path: String) throws -> String {
    let client = try result { atmn_client_new(nil, $0, $1) }
    defer { atmn_client_free(client) }
    let request = atmn_request_new("GET", path)
    defer { atmn_request_free(request) }
    let response = try result { atmn_client_request(client, request, nil, $0, $1) }
    defer { atmn_response_free(response) }
    return "\(atmn_response_status(response)) \(String(cString: atmn_response_body(response, nil)))"
}

do {
    print(try activeKey())
    print(try get("/v1/customers"))
} catch let failure as Failure {
    FileHandle.standardError.write(Data("\(failure.message)\n".utf8))
    exit(1)
}
