// Lists the customers with the active key. PKG_CONFIG_PATH and the linker must find libatmn.
//
//	go build -o customers customers.go
package main

// #cgo pkg-config: atmn
// #include <stdlib.h>
// #include <atmn.h>
import "C"

import (
	"errors"
	"fmt"
	"os"
	"unsafe"
)

// failure frees the error that a call has stored, and returns it as Go's.
func failure(code C.atmn_code, stored *C.atmn_error) error {
	defer C.atmn_error_free(stored)
	if code == C.ATMN_OK {
		return nil
	}
	return errors.New(C.GoString(C.atmn_error_message(stored)))
}

// activeKey returns the active key, masked, and where it was found.
func activeKey() (masked, source string, err error) {
	var resolved *C.atmn_resolved_key
	var stored *C.atmn_error
	code := C.atmn_resolve_key(nil, &resolved, &stored)
	if err = failure(code, stored); err != nil {
		return "", "", err
	}
	defer C.atmn_resolved_key_free(resolved)
	masked = C.GoString(C.atmn_key_masked(C.atmn_resolved_key_key(resolved)))
	return masked, C.GoString(C.atmn_location_text(C.atmn_resolved_key_source(resolved))), nil
}

// get calls the API.
func get(path string) (status int, body string, err error) {
	method, name := C.CString("GET"), C.CString(path)
	defer C.free(unsafe.Pointer(method))
	defer C.free(unsafe.Pointer(name))
	request := C.atmn_request_new(method, name)
	defer C.atmn_request_free(request)

	var client *C.atmn_client
	var response *C.atmn_response
	var stored *C.atmn_error
	code := C.atmn_client_new(nil, &client, &stored)
	if err = failure(code, stored); err != nil {
		return 0, "", err
	}
	defer C.atmn_client_free(client)
	code = C.atmn_client_request(client, request, nil, &response, &stored)
	if err = failure(code, stored); err != nil {
		return 0, "", err
	}
	defer C.atmn_response_free(response)
	return int(C.atmn_response_status(response)), C.GoString(C.atmn_response_body(response, nil)), nil
}

func run() error {
	masked, source, err := activeKey()
	if err != nil {
		return err
	}
	fmt.Println(masked, "from", source)
	status, body, err := get("/v1/customers")
	if err != nil {
		return err
	}
	fmt.Println(status, body)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
