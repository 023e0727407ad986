"""The local Autumn server, `atmn serve`, and a user who logs in there with a browser."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Thread
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from libatmn import Event

PERSON = "ada@example.com"
ORGANIZATION = "night-library"
PORTS = range(31448, 31453)
# Seconds after which a test hangs; no machine is so slow.
HANG = 600


@dataclass(frozen=True)
class Autumn:
    """A running server with control routes for tests."""

    url: str

    @staticmethod
    @contextmanager
    def start() -> Generator[Autumn]:
        """Start a server that keeps its data in memory, on a free port."""
        command = [os.environ["ATMN"], "serve", "--controls", "--port", "0", "--quiet"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield Autumn(process.stdout.readline().strip())
            finally:
                process.terminate()

    def control(self, path: str, body: Optional[dict[str, Any]] = None, method: str = "POST") -> Any:
        """Call a control route."""
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = Request(f"{self.url}/_test/{path}", data, {"content-type": "application/json"}, method=method)
        # Some tests set up a proxy, which must not see this request.
        with build_opener(ProxyHandler({})).open(request, timeout=HANG) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """Undo what a test has set, and forget its requests: a full log would drop one for each new one."""
        self.control("faults", method="DELETE")
        self.control("log", method="DELETE")
        self.control("approve-automatically")
        self.control("verification", {"fails": False})

    def approved(self, url: str, organization: str = ORGANIZATION) -> str:
        """Log in at a URL; return the callback URL."""
        return str(self.control("approve", {"url": url, "person": PERSON, "organization": organization})["callback"])

    def denied(self, url: str) -> str:
        """Deny the login at a URL; return the callback URL."""
        return str(self.control("deny", {"url": url})["callback"])

    def browser(self, answer: Optional[Callable[[str], str]] = None) -> Browser:
        """Make a listener that logs in automatically."""
        return Browser(answer or self.approved)

    def keys(self) -> list[dict[str, Any]]:
        """All keys, unmasked."""
        return list(self.control("keys", method="GET"))

    def unlimited_key(self) -> str:
        """A sandbox key of the dashboard, which may do everything. Keys of a login may not check and track."""
        wanted: tuple[object, ...] = ("secret", "sandbox", ORGANIZATION, False, [])
        fields = ("kind", "environment", "organization", "revoked", "scopes")
        return next(str(each["key"]) for each in self.keys() if tuple(each[name] for name in fields) == wanted)

    def log(self, path: str) -> list[dict[str, Any]]:
        """All requests for a path."""
        return [entry for entry in self.control("log", method="GET") if entry["path"].split("?")[0] == path]


class Browser:
    """A listener that opens the login URL as a user would, on another thread, and records the events."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        """Take the function that turns a login URL into the callback URL."""
        self.answer = answer
        self.events: list[Event] = []
        self.threads: list[Thread] = []

    def __call__(self, event: Event) -> None:
        """Record an event."""
        self.events.append(event)
        if event.code == "login_url":
            self.visit(event.context["url"])

    def visit(self, url: str) -> None:
        """Log in, and open the callback URL."""
        thread = Thread(target=lambda: follow(self.answer(url)))
        thread.start()
        self.threads.append(thread)

    @property
    def codes(self) -> list[str]:
        """The codes of the events, in order."""
        return [event.code for event in self.events]


class ImpatientBrowser(Browser):
    """A browser whose connection may end before it has the last page: a login that is refused frees its port."""

    def visit(self, url: str) -> None:
        """Log in, and open the callback URL."""

        def open_url() -> None:
            with suppress(OSError, HTTPException):
                follow(self.answer(url))

        self.threads.append(Thread(target=open_url))
        self.threads[-1].start()


def follow(url: str) -> int:
    """Open a callback URL and follow its redirects; return the status of the last page."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    path = f"{parts.path or '/'}?{parts.query}"
    while True:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=HANG)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        path = answer.headers.get("location", "")
        if not path:
            return answer.status


def not_called(argument: object) -> str:
    """Fail when called."""
    pytest.fail(f"was called with {argument}")


def free(port: int) -> bool:
    """Return whether no process listens on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def until(condition: Callable[[], bool], description: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < deadline, f"not within {HANG} seconds: {description}"
        time.sleep(0.01)
