"""An Autumn for your tests, with made-up people, organizations, customers and plans.

It answers what Autumn's SDKs call first, and refuses a customer who runs out of credits. Nothing leaves this machine.
The server runs on a thread of this process, on a free port.

With pytest, name this module as a plugin in ``conftest.py`` (``pytest_plugins = ["libatmn.testing"]``), and use the
fixture ``local_autumn``:

>>> def test_billing(local_autumn):
...     with local_autumn.client() as client:
...         assert client.request("GET", "/v1/customers").status == 200

It sets ``ATMN_BACKEND_URL`` for the test, and no key: the program finds its own. ``local_autumn_key`` also sets
``AUTUMN_SECRET_KEY``, to a key with all scopes, which it returns.

Without pytest:

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
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import Any, Optional, Union
from urllib.parse import urljoin, urlsplit

from libatmn import ApiError, ApiKey, AtmnError, Client, Environment, Event, InvalidArgument, _native
from libatmn._types import ClientOptions, OnEvent, RequestOptions, Unpack

__all__ = ["LocalAutumn", "LoggedRequest"]

ORGANIZATION = "night-library"
# The page of a login arrives when the program has finished it.
LOGIN_TIMEOUT = 300.0
# The server asks for no key on its control routes, but a client has one.
CONTROL_KEY = "am_sk_test_control"
# What the server calls an argument, and its name here.
NAMES = {"url": "login_url", "milliseconds": "seconds"}


@dataclass(frozen=True)
class LoggedRequest:
    """A request that a local Autumn received. Keys, tokens and credentials in it are masked."""

    method: str
    #: The path without its query.
    path: str
    #: The query of an API request without ``?``, for ``urllib.parse.parse_qs``; empty if there is none.
    query: str
    #: The headers by their names in lower case; ``referer`` has no query.
    headers: Mapping[str, str]
    #: The body of an API request; empty if there is none.
    body: str
    #: The status of the response, or 0 if there was none.
    status: int


class LocalAutumn:
    """A running local Autumn. All data is in memory, and is lost when it stops.

    Its methods raise what the library raises: a ``TypeError`` for an argument of a wrong type,
    :class:`InvalidArgument` for one that the server refuses, and :class:`RequestError` once it has stopped.
    """

    def __init__(self, url: str) -> None:
        """Use a server that runs already, with its control routes (``atmn serve --controls``)."""
        _check("url", url, str)
        #: The base URL, for ``server`` and ``ATMN_BACKEND_URL``.
        self.url = url
        self._client = Client(server=url, key=CONTROL_KEY, retries=0)

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
        """Return a key of an organization that works and has all scopes."""
        _check("environment", environment, str)
        _check("organization", organization, str)
        for each in self._control("GET", "keys"):
            is_member = organization in (each["organization"], each["organization_id"])
            works = each["kind"] == "secret" and not each["revoked"] and not each["scopes"]
            if is_member and works and each["environment"] == environment:
                return ApiKey(each["key"])
        wrong = "organization" if environment in ("sandbox", "live") else "environment"
        raise _invalid(wrong, "The local Autumn has no such key that works: check `environment` and `organization`.")

    def variables(self, *, environment: Environment = "sandbox", organization: str = ORGANIZATION) -> dict[str, str]:
        """Return the environment variables with which a program uses this server and a key that has all scopes.

        This process keeps its own: pass them to a child process, as in ``{**os.environ, **autumn.variables()}``.
        """
        key = self.secret_key(environment, organization=organization)
        return {"ATMN_BACKEND_URL": self.url, "AUTUMN_SECRET_KEY": key.reveal()}

    def client(self, *, on_event: Optional[OnEvent] = None, **options: Unpack[ClientOptions]) -> Client:
        """Make a client of this server. ``on_event`` and the options are those of ``Client``.

        Without ``key`` and ``directory``, it has a key that works, of ``environment`` and ``organization``.
        """
        if options.get("server") is None:
            options["server"] = self.url
        if options.get("key") is None and options.get("directory") is None:
            organization = options.get("organization") or ORGANIZATION
            options["key"] = self.secret_key(options.get("environment") or "sandbox", organization=organization)
        return Client(on_event=on_event, **options)

    def revoke(self, key: Union[ApiKey, str]) -> None:
        """Revoke a key: every call with it is answered with 401 from now on."""
        _check("key", key, ApiKey, str)
        self._control("POST", "revoke", {"key": key.reveal() if isinstance(key, ApiKey) else key})

    def on_event(self, event: Event) -> None:
        """Approve each login for ``night-library``, as the listener of a login or a client.

        A URL that the server refuses ends the login, and so does a file with keys that this server did not create.
        """
        if not isinstance(event, Event):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"event must be Event, not {type(event).__name__}")
        if event.code == "login_url":
            self._protect(Path(event.context["path"]))
            self.approve(event.context["url"])

    def _protect(self, path: Path) -> None:
        """Refuse to overwrite a key of the developer: a test that names no ``directory`` may run in the project."""
        own = {each["key"] for each in self._control("GET", "keys")}
        for file in (path, path.with_name(".env.local")):
            if not own.issuperset(_secret_keys_of(file)):
                message = (
                    f"The login would write to `{path}`, but `{file}` has a key that this local Autumn did not create."
                )
                hint = "Pass `directory`, such as pytest's `tmp_path`, to the login or the client."
                raise InvalidArgument("invalid_argument", message, hint=hint, context={"option": "directory"})

    def approve(self, login_url: str, *, organization: str = ORGANIZATION) -> None:
        """Log in at a URL as a user does who chooses an organization; a browser then returns to the program.

        The browser has its own thread, so a listener may call this. The login ends a moment later: wait for it.
        """
        _open_browser(self._callback(login_url, organization))

    def deny(self, login_url: str) -> None:
        """Deny a login, and return to the program as :meth:`approve` does."""
        _check("login_url", login_url, str)
        _open_browser(str(self._control("POST", "deny", {"url": login_url})["callback"]))

    def _callback(self, login_url: str, organization: str) -> str:
        _check("login_url", login_url, str)
        _check("organization", organization, str)
        body = {"url": _text("login_url", login_url), "organization": _text("organization", organization)}
        return str(self._control("POST", "approve", body)["callback"])

    def answer(
        self,
        path: str,
        status: int,
        body: object = "",
        *,
        headers: Optional[Mapping[str, str]] = None,
        count: int = 1,
    ) -> None:
        """Answer the next requests for a path (without its query) with a status and a body, instead of handling them.

        A body that is no text is sent as JSON.
        """
        _check("path", path, str)
        _check("status", status, int)
        _check("count", count, int)
        _check("headers", headers, Mapping, type(None))
        sent = {_text("headers", name): _text("headers", value) for name, value in (headers or {}).items()}
        fault = {"fault": "answer", "status": _whole("status", status), "body": _body(body), "headers": sent}
        self._control("POST", "faults", {**fault, "path": _text("path", path), "count": _whole("count", count)})

    def delay(self, path: str, seconds: float, *, count: int = 1) -> None:
        """Delay the answers to the next requests for a path."""
        _check("path", path, str)
        _check("seconds", seconds, int, float)
        _check("count", count, int)
        if not 0 <= seconds < 1e9:  # noqa: PLR2004 - also refuses NaN
            raise _invalid("seconds", "`seconds` must be a number of seconds, 0 or more.")
        fault = {"path": _text("path", path), "fault": "delay", "count": _whole("count", count)}
        self._control("POST", "faults", {**fault, "milliseconds": round(seconds * 1000)})

    def reset(self) -> None:
        """Forget what ``answer`` and ``delay`` have planned, and the requests: for tests that share a server."""
        self._control("DELETE", "faults")
        self._control("DELETE", "log")

    def requests(self) -> list[LoggedRequest]:
        """Return the last thousand requests since the last ``reset``, the oldest first."""
        names = LoggedRequest.__dataclass_fields__
        return [LoggedRequest(**{name: each[name] for name in names}) for each in self._control("GET", "log")]

    def _control(self, method: str, route: str, body: Optional[Mapping[str, Any]] = None) -> Any:  # noqa: ANN401 - JSON
        """Ask a control route. It refuses wrong values with their name."""
        sent: RequestOptions = {} if body is None else {"json": body}
        try:
            return self._client.request(method, f"/_test/{route}", **sent).json()
        except ApiError as error:
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise _too_large(body or {}) from None
            refused: dict[str, Any] = error.json() if error.status == 400 else {}  # noqa: PLR2004 - Bad Request
            field, message = refused.get("field"), str(refused.get("message"))
            if not isinstance(field, str):
                raise
            name = NAMES.get(field, field)
            raise _invalid(name, message.replace(f"`{field}`", f"`{name}`")) from None


def _check(name: str, value: object, *kinds: type) -> None:
    """Refuse an argument of another type. ``True`` is an ``int`` too, but passed by mistake."""
    if not isinstance(value, kinds) or isinstance(value, bool):
        wanted = " or ".join(kind.__name__ for kind in kinds if kind is not type(None))
        raise TypeError(f"{name} must be {wanted}, not {type(value).__name__}")


def _text(name: str, value: object) -> str:
    """Return a text that JSON can carry."""
    _check(name, value, str)
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise _invalid(name, f"`{name}` must be text that can be encoded as UTF-8.") from None
    return str(value)


def _whole(name: str, value: int) -> int:
    """Return a number that the server can read; it refuses larger ones."""
    if abs(value) >= 1 << 63:
        raise _invalid(name, f"`{name}` must be greater than -2**63 and less than 2**63.")
    return value


def _body(body: object) -> str:
    """Return a text as it is, and all else as JSON."""
    if isinstance(body, str):
        return _text("body", body)
    try:
        return json.dumps(body, allow_nan=False)
    except (ValueError, RecursionError):  # a number that is none, or a cycle
        raise _invalid("body", "`body` cannot be sent as JSON.") from None


def _secret_keys_of(file: Path) -> set[str]:
    """Return the texts in a file that look like secret keys."""
    try:
        content = file.read_bytes()
    except OSError:
        # A file that does not exist has no keys, and the login itself refuses one that it cannot read.
        return set()
    return {match.decode() for match in re.findall(rb"am_sk_(?:test|live)_[A-Za-z0-9_-]+", content)}


def _invalid(name: str, message: str) -> InvalidArgument:
    return InvalidArgument("invalid_argument", message, context={"option": name})


def _too_large(body: Mapping[str, Any]) -> InvalidArgument:
    """Name the argument that takes most of a request."""
    field = max(body, key=lambda field: len(json.dumps(body[field])))
    name = NAMES.get(field, field)
    return _invalid(name, f"`{name}` is larger than the local Autumn takes (64 KiB in all, as JSON).")


def _visit(url: str) -> None:
    """Open a URL as a browser does, and follow redirects."""
    for _ in range(5):
        parts = urlsplit(url)
        client = Client(server=f"{parts.scheme}://{parts.netloc}", key=CONTROL_KEY, retries=0, timeout=LOGIN_TIMEOUT)
        answer = client.request("GET", f"{parts.path or '/'}?{parts.query}", raise_for_status=False)
        location = answer.header("location")
        if not location:
            return
        url = urljoin(url, location)


def _open_browser(url: str) -> None:
    Thread(target=_visit_quietly, args=(url,), name="browser").start()


def _visit_quietly(url: str) -> None:
    """Open a URL on the thread of the browser. A login that has ended meanwhile has said why."""
    with suppress(AtmnError):
        _visit(url)


try:
    import pytest
except ImportError:
    pass
else:

    @pytest.fixture
    def local_autumn(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAutumn]:
        """A local Autumn for one test. ``ATMN_BACKEND_URL`` names it; the variables of keys stay as they are."""
        with LocalAutumn.start() as autumn:
            monkeypatch.setenv("ATMN_BACKEND_URL", autumn.url)
            yield autumn

    @pytest.fixture
    def local_autumn_key(local_autumn: LocalAutumn, monkeypatch: pytest.MonkeyPatch) -> ApiKey:
        """A key of ``local_autumn`` with all scopes, which is the only key in the environment of the test."""
        for variable in ("AUTUMN_SECRET_KEY_FILE", "AUTUMN_PROD_SECRET_KEY", "AUTUMN_PROD_SECRET_KEY_FILE"):
            monkeypatch.delenv(variable, raising=False)
        key = local_autumn.secret_key()
        monkeypatch.setenv("AUTUMN_SECRET_KEY", key.reveal())
        return key
