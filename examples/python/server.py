"""A server that checks Autumn keys, and refuses requests as Autumn does.

It prints its URL, and answers each accepted request with the owner of the key.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Optional
from wsgiref.simple_server import make_server

import libatmn

# The only customer of this example. A real server queries its database, and lets the database's exceptions propagate.
KNOWN = "am_sk_test_example0123456789"


def verify(credential: libatmn.Credential) -> Optional[str]:
    """Return the owner. A dashboard request has no key, and this server has no sessions, so it refuses those."""
    return "example" if credential.key is not None and credential.key.reveal() == KNOWN else None


def application(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> list[bytes]:
    """Answer one request."""
    # Refusals go to the security log, with masked keys.
    log = libatmn.terminal_listener(sys.stderr)
    try:
        status, body = "200 OK", {"customer": libatmn.authenticate(environ, verify, on_event=log)}
    except libatmn.AuthenticationError as error:
        status, body = f"{error.status} Unauthorized", error.body
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


if __name__ == "__main__":
    with make_server("127.0.0.1", 0, application) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
