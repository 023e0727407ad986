"""An Autumn for your tests, with made-up people, organizations, customers and plans.

It answers what Autumn's SDKs call first, and refuses a customer who runs out of credits. Nothing leaves this machine.
The server runs on a thread of this process, on a free port.

With pytest, name this module as a plugin in ``conftest.py`` (``pytest_plugins = ["libatmn.testing"]``), and use the
fixture ``local_autumn``:

>>> def test_billing(local_autumn):
...     with local_autumn.client() as client:
...         assert client.request("GET", "/v1/customers").status == 200

Without it:

>>> from libatmn.testing import LocalAutumn
>>> with LocalAutumn.start() as autumn:
...     key = autumn.secret_key()
...     autumn.revoke(key)
...     with autumn.client(key=key) as client:
...         client.request("GET", "/v1/customers")
Traceback (most recent call last):
libatmn.ApiError: ...
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import Any, Optional, Union, cast
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from libatmn import ApiKey, Client, Environment, Event, _native
from libatmn._types import ClientOptions, Unpack

__all__ = ["LocalAutumn"]

PERSON = "ada@example.com"
ORGANIZATION = "night-library"


class LocalAutumn:
    """A running local Autumn. All data is in memory, and is lost when it stops."""

    def __init__(self, url: str) -> None:
        """Use a server that runs already, with its control routes (``atmn serve --controls``)."""
        #: The base URL, for ``server`` and ``ATMN_BACKEND_URL``.
        self.url = url

    def __repr__(self) -> str:
        return f"LocalAutumn({self.url!r})"

    @classmethod
    @contextmanager
    def start(cls) -> Generator[LocalAutumn]:
        """Start a server on a free port; it stops at the end of the block.

        Raises :class:`AtmnError` (``system_limit``) if the system gives this process no port or thread.
        """
        server = _native.start_autumn()
        try:
            yield cls(server.url)
        finally:
            server.stop()

    def secret_key(self, environment: Environment = "sandbox", *, organization: str = ORGANIZATION) -> ApiKey:
        """Return a key of an organization that works."""
        for each in self._control("GET", "keys"):
            kind = (each["kind"], each["environment"], each["organization"])
            if kind == ("secret", environment, organization) and not each["revoked"]:
                return ApiKey(each["key"])
        raise LookupError(f"{organization} has no {environment} key; log in to make one")

    def client(self, **options: Unpack[ClientOptions]) -> Client:
        """Make a client of this server. The options are those of ``Client``.

        Without ``key`` and ``directory``, it has a key that works, of ``environment``.
        """
        options.setdefault("server", self.url)
        if options.get("key") is None and options.get("directory") is None:
            options["key"] = self.secret_key(options.get("environment") or "sandbox")
        return Client(**options)

    def revoke(self, key: Union[ApiKey, str]) -> None:
        """Revoke a key: every call with it is answered with 401 from now on."""
        self._control("POST", "revoke", {"key": key.reveal() if isinstance(key, ApiKey) else key})

    def on_event(self, event: Event) -> None:
        """Play the user, as the listener of a login or a client: approve each login, on another thread."""
        if event.code == "login_url":
            Thread(target=self.approve, args=(event.context["url"],), name="browser").start()

    def approve(self, login_url: str, *, organization: str = ORGANIZATION) -> None:
        """Log in at a URL as a user does who chooses an organization, and follow the browser back to the program."""
        body = {"url": login_url, "person": PERSON, "organization": organization}
        _visit(str(self._control("POST", "approve", body)["callback"]))

    def deny(self, login_url: str) -> None:
        """Deny a login."""
        _visit(str(self._control("POST", "deny", {"url": login_url})["callback"]))

    def answer(
        self, path: str, status: int, body: str = "", *, headers: Optional[Mapping[str, str]] = None, count: int = 1
    ) -> None:
        """Answer the next requests for a path with a status and a body, instead of handling them."""
        fault = {"path": path, "fault": "answer", "status": status, "body": body, "count": count}
        self._control("POST", "faults", {**fault, "headers": dict(headers or {})})

    def delay(self, path: str, seconds: float, *, count: int = 1) -> None:
        """Delay the answers to the next requests for a path."""
        fault = {"path": path, "fault": "delay", "milliseconds": round(seconds * 1000), "count": count}
        self._control("POST", "faults", fault)

    def reset(self) -> None:
        """Forget what ``answer`` and ``delay`` have planned."""
        self._control("DELETE", "faults")

    def requests(self) -> list[dict[str, Any]]:
        """Return all requests so far: ``method``, ``path`` and ``status`` of each."""
        return cast("list[dict[str, Any]]", self._control("GET", "log"))

    def _control(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Any:  # noqa: ANN401 - JSON
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = Request(f"{self.url}/_test/{path}", data, headers, method=method)  # noqa: S310 - http alone
        # A proxy of the program under test must not see this request.
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)


def _visit(url: str) -> None:
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}"
    while path:
        connection = HTTPConnection(parts.hostname or "localhost", parts.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        path = answer.headers.get("location", "")


try:
    import pytest
except ImportError:
    pass
else:

    @pytest.fixture
    def local_autumn(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAutumn]:
        """A local Autumn for one test. The environment names it and a key of it, so that no real key is used."""
        with LocalAutumn.start() as autumn:
            for variable in ("AUTUMN_SECRET_KEY_FILE", "AUTUMN_PROD_SECRET_KEY", "AUTUMN_PROD_SECRET_KEY_FILE"):
                monkeypatch.delenv(variable, raising=False)
            monkeypatch.setenv("AUTUMN_SECRET_KEY", autumn.secret_key().reveal())
            monkeypatch.setenv("ATMN_BACKEND_URL", autumn.url)
            yield autumn
