<?php
// Lists the customers with the active key. LIBATMN names the shared library, if the system does not find it.
//
//     php -d ffi.enable=1 customers.php

declare(strict_types=1);

const HEADER = <<<'C'
typedef struct atmn_error atmn_error;
typedef struct atmn_resolved_key atmn_resolved_key;
typedef struct atmn_key atmn_key;
typedef struct atmn_location atmn_location;
typedef struct atmn_client atmn_client;
typedef struct atmn_request atmn_request;
typedef struct atmn_response atmn_response;
const char *atmn_error_message(const atmn_error *error);
void atmn_error_free(atmn_error *error);
int32_t atmn_resolve_key(const void *options, atmn_resolved_key **out, atmn_error **error);
const atmn_key *atmn_resolved_key_key(const atmn_resolved_key *resolved);
const atmn_location *atmn_resolved_key_source(const atmn_resolved_key *resolved);
void atmn_resolved_key_free(atmn_resolved_key *resolved);
const char *atmn_key_masked(const atmn_key *key);
const char *atmn_location_text(const atmn_location *location);
int32_t atmn_client_new(const void *options, atmn_client **out, atmn_error **error);
int32_t atmn_client_request(atmn_client *client, const atmn_request *request, void *canceller, atmn_response **out,
                            atmn_error **error);
void atmn_client_free(atmn_client *client);
atmn_request *atmn_request_new(const char *method, const char *path);
void atmn_request_free(atmn_request *request);
int32_t atmn_response_status(const atmn_response *response);
const char *atmn_response_body(const atmn_response *response, size_t *length);
void atmn_response_free(atmn_response *response);
C;

$atmn = FFI::cdef(HEADER, getenv('LIBATMN') ?: 'libatmn.so.0');

/** Makes a call that stores a result of a type, or an error; returns the result. */
function result(FFI $atmn, string $type, callable $call): FFI\CData
{
    $out = $atmn->new("$type *");
    $error = $atmn->new('atmn_error *');
    if ($call(FFI::addr($out), FFI::addr($error)) === 0) {
        return $out;
    }
    $message = $atmn->atmn_error_message($error);
    $atmn->atmn_error_free($error);
    throw new RuntimeException($message);
}

function printActiveKey(FFI $atmn): void
{
    $resolved = result($atmn, 'atmn_resolved_key', fn ($out, $error) => $atmn->atmn_resolve_key(null, $out, $error));
    $masked = $atmn->atmn_key_masked($atmn->atmn_resolved_key_key($resolved));
    echo $masked, ' from ', $atmn->atmn_location_text($atmn->atmn_resolved_key_source($resolved)), "\n";
    $atmn->atmn_resolved_key_free($resolved);
}

function printResponse(FFI $atmn, string $path): void
{
    $client = result($atmn, 'atmn_client', fn ($out, $error) => $atmn->atmn_client_new(null, $out, $error));
    $request = $atmn->atmn_request_new('GET', $path);
    try {
        $send = fn ($out, $error) => $atmn->atmn_client_request($client, $request, null, $out, $error);
        $response = result($atmn, 'atmn_response', $send);
        echo $atmn->atmn_response_status($response), ' ', $atmn->atmn_response_body($response, null), "\n";
        $atmn->atmn_response_free($response);
    } finally {
        $atmn->atmn_request_free($request);
        $atmn->atmn_client_free($client);
    }
}

try {
    printActiveKey($atmn);
    printResponse($atmn, '/v1/customers');
} catch (RuntimeException $failure) {
    fwrite(STDERR, $failure->getMessage() . "\n");
    exit(1);
}
