"""The other end of the wire: `atmn serve`, and the browser of a person who logs in there."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
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


@dataclass(frozen=True)
class Autumn:
    """A running server with controls for tests."""

    url: str

    @staticmethod
    @contextmanager
    def start() -> Generator[Autumn]:
        """Start one, in memory, on a port of its own."""
        command = [os.environ["ATMN"], "serve", "--controls", "--port", "0", "--quiet"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield Autumn(process.stdout.readline().strip())
            finally:
                process.terminate()

    def control(self, path: str, body: Optional[dict[str, Any]] = None, method: str = "POST") -> Any:
        """Ask one of the control routes."""
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = Request(f"{self.url}/_test/{path}", data, {"content-type": "application/json"}, method=method)
        # Never through a proxy, which some tests set up.
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """Take back what a test has set."""
        self.control("faults", method="DELETE")
        self.control("approve-automatically")
        self.control("verification", {"fails": False})

    def approved(self, url: str, organization: str = ORGANIZATION) -> str:
        """Log in at an address; the one that the browser is sent to."""
        return str(self.control("approve", {"url": url, "person": PERSON, "organization": organization})["callback"])

    def denied(self, url: str) -> str:
        """Say no at an address."""
        return str(self.control("deny", {"url": url})["callback"])

    def browser(self, answer: Optional[Callable[[str], str]] = None) -> Browser:
        """Make a listener that logs in by itself."""
        return Browser(answer or self.approved)

    def keys(self) -> list[dict[str, Any]]:
        """All keys, as they are."""
        return list(self.control("keys", method="GET"))

    def log(self, path: str) -> list[dict[str, Any]]:
        """Every request for a path."""
        return [entry for entry in self.control("log", method="GET") if entry["path"].split("?")[0] == path]


class Browser:
    """A listener that goes to the address as a person would, on a thread of its own, and keeps what it heard."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        """Take what turns an address into the callback."""
        self.answer = answer
        self.events: list[Event] = []
        self.threads: list[Thread] = []

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        self.events.append(event)
        if event.code == "login_url":
            self.visit(event.context["url"])

    def visit(self, url: str) -> None:
        """Log in, and follow where that leads."""
        thread = Thread(target=lambda: follow(self.answer(url)))
        thread.start()
        self.threads.append(thread)

    @property
    def codes(self) -> list[str]:
        """The codes of the events, in their order."""
        return [event.code for event in self.events]


def follow(url: str) -> int:
    """Get a callback and the page behind it; the status of the page."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    path = f"{parts.path or '/'}?{parts.query}"
    while True:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        path = answer.headers.get("location", "")
        if not path:
            return answer.status


def unasked(what: object) -> str:
    """Fail, as what is not to be called."""
    pytest.fail(f"was asked about {what}")


def free(port: int) -> bool:
    """Tell whether nobody listens on a port."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that is about to happen."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)
