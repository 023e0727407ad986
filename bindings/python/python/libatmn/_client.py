"""Calls of Autumn's API."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Union, cast
from urllib.parse import urlsplit

from libatmn import _native
from libatmn._arguments import check_names, content, native
from libatmn._errors import InvalidArgument
from libatmn._host import conceal, conceal_all, host, host_for_resolution
from libatmn._listener import Guard, has_blocking_listener, has_listener
from libatmn._native import ApiKey, Diagnosis, Identity, ResolvedKey, Response
from libatmn._types import (
    ClientOptions,
    DiagnoseOptions,
    OnEvent,
    Pairs,
    PairValue,
    RequestOptions,
    ResolveOptions,
    Unpack,
    WhoamiOptions,
)
from libatmn._wait import wait

if TYPE_CHECKING:
    from libatmn._native import Call, Concealed

__all__ = ["Client", "diagnose", "whoami"]

RESOLVE_OPTIONS = ("key", "environment", "directory", "boundary")


def whoami(**options: Unpack[WhoamiOptions]) -> Identity:
    """Find the active key, as :func:`resolve_key` does, and request its organization, once and without a retry.

    The options are those of :func:`resolve_key` (``key``, ``environment``, ``directory``, ``boundary``), ``server`` as
    for :func:`login`, and ``timeout`` in seconds, 30 by default.

    Raises what :func:`resolve_key` raises; :class:`ApiError` (``invalid_secret_key``, ``unauthorized``, ``api_error``)
    or another :class:`RequestError` (``connect_failed``, …; ``endpoint_not_public`` before anything is sent).

    >>> from libatmn import whoami
    >>> print(whoami().organization.slug)
    night-library
    """
    __tracebackhide__ = True
    conceal_all(options)
    return wait(whoami_call(options), None)


def whoami_call(options: WhoamiOptions) -> Call[Identity]:
    """Start :func:`whoami`."""
    __tracebackhide__ = True
    check_names("whoami", options, WhoamiOptions)
    resolve, others = _split(options)
    return _native.whoami(_native.resolve_options(host(), **resolve), **others)


def diagnose(**options: Unpack[DiagnoseOptions]) -> Diagnosis:
    """Check what a login and a call need on this machine.

    These are the programs called ``atmn``, the callback ports, the browser, git, the files and their rights, and the
    keys; then, unless ``offline`` is true, the server, and whether it accepts the keys. It changes nothing, and opens
    no browser. ``directory`` is the working directory by default, ``server`` is as for :func:`login`, and ``timeout``
    is the limit of each request in seconds, 15 by default.

    What is wrong is in the result. Raises :class:`InvalidArgument`.

    >>> from libatmn import diagnose
    >>> [check.outcome for check in diagnose(offline=True).checks if check.subject == "version"]
    ['ok']
    """
    __tracebackhide__ = True
    conceal_all(options)
    return wait(diagnose_call(options), None)


def diagnose_call(options: DiagnoseOptions) -> Call[Diagnosis]:
    """Start :func:`diagnose`."""
    __tracebackhide__ = True
    return _native.diagnose(host(), **native(options))


def _split(options: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Separate the options that find a key from all others, which the native half checks."""
    __tracebackhide__ = True
    converted = native(options)
    resolve = {name: converted.pop(name) for name in RESOLVE_OPTIONS if name in converted}
    return resolve, converted


class Session:
    """What another HTTP library needs of a client to send its key, and to replace it after a 401."""

    def __init__(self, client: _native.Client, resolution: ResolveOptions, on_event: Optional[OnEvent]) -> None:
        """Take the parts of a client."""
        self._client, self._resolution, self.on_event = client, resolution, on_event
        self._origin = _origin(client.server())

    def sends_key_to(self, url: str) -> bool:
        """Return whether the URL has the origin of the server. The key is sent to no other one."""
        return _origin(url) == self._origin

    def key(self) -> ApiKey:
        """Find the active key, as each request of the client does."""
        options = _native.resolve_options(host_for_resolution(), **cast("dict[str, Any]", self._resolution))
        return _native.resolve_key(options).key

    def replace(self, method: str, rejected: ApiKey, status: int, body: bytes) -> Call[tuple[ResolvedKey, ...]]:
        """Start to replace a rejected key. The result is empty if the caller should get the response."""
        listens = self.on_event is not None
        return self._client.key_after_rejection(host(), method, rejected, (status, body), listens)


def _origin(url: str) -> tuple[str, Optional[str], Optional[int]]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class ClientBase:
    """The parts that both clients share."""

    def __init__(
        self, *positional: NoReturn, on_event: Optional[OnEvent] = None, **options: Unpack[ClientOptions]
    ) -> None:
        """Check the options. No key is read and no connection is made yet."""
        __tracebackhide__ = True
        conceal_all(options)
        # A frame of a traceback must not hold a key that was passed by mistake.
        are_wrong, positional = bool(positional), ()
        if are_wrong:
            raise TypeError("Client() takes its options by name, such as Client(key=key) or Client(server=server)")
        check_names("Client", options, ClientOptions)
        self._has_listener = has_listener(on_event)
        self._listener = self._guard(on_event)
        resolve, others = _split(options)
        self._resolution = cast("ResolveOptions", resolve)
        self._native = _native.client(_native.resolve_options(host(), **resolve), **others)

    @property
    def server(self) -> str:
        """The base URL of the server: that of the option, of ``ATMN_BACKEND_URL``, or the cloud's.

        >>> from libatmn import Client
        >>> Client(server="local").server
        'http://localhost:8080'
        """
        return self._native.server()

    def _guard(self, on_event: Optional[OnEvent]) -> Guard:
        return Guard(on_event)

    def submit(self, text: str) -> None:
        """Pass on the text that the user pasted for the login in progress, as ``LoginAttempt.submit``, from any thread.

        Raises :class:`LoginError` (``no_pending_login``) if there is no login.
        """
        __tracebackhide__ = True
        text = conceal(text)
        self._native.submit(text)

    def close(self) -> None:
        """Close the connections. Calls that still run end as usual; any later call is an :class:`InvalidArgument`."""
        self._native.close()

    def _request(self, method: str, path: str, options: RequestOptions) -> Call[Response]:
        __tracebackhide__ = True
        self._listener.check()
        check_names("Client.request", options, RequestOptions)
        given = cast("dict[str, Any]", options)
        body = given.pop("body", None)
        if "json" in given:
            if body is not None:
                raise TypeError("json and body must not be passed together")
            body = _native.conceal(_json(given.pop("json")))
        query, headers = _pairs("query", given.pop("query", None)), _pairs("headers", given.pop("headers", None))
        body, rest = content(body), native(given)
        return self._native.request(
            host(), method, path, query=query, headers=headers, body=body, has_listener=self._has_listener, **rest
        )

    def _reauthenticate(self, rejected: Union[ApiKey, str]) -> Call[ResolvedKey]:
        __tracebackhide__ = True
        rejected = conceal(rejected)
        self._listener.check()
        return self._native.reauthenticate(host(), rejected, self._has_listener)


def session_of(client: ClientBase) -> Session:
    """Return what another HTTP library needs of a client."""
    parts = client._native, client._resolution, client._listener.on_event  # pyright: ignore[reportPrivateUsage]
    return Session(*parts)


class Client(ClientBase):
    """Calls one server with the active key, which it looks up for every call. Threads may share a client.

    The options are those of :func:`resolve_key` and ``server`` as for :func:`login`, and these:

    - ``timeout``: seconds for each try, 30 by default.
    - ``retries``: how many times a request is retried at most, all within thirty seconds; 3 by default.
    - ``response_limit``: the largest response in bytes, 64 MiB by default.
    - ``reauth``: whether a rejected key may lead to a login. ``"never"`` is the default; ``"auto"`` allows it with
      Autumn's own server, in a terminal and outside CI; ``"always"`` allows it. The user has to see the login URL, so
      a login needs ``on_event`` too, which is called on the thread that waits. The listener must not call this client.
      At ``callback_received``, the login waits for it, as that of :func:`login`, and other calls of the client may
      pause.
    - ``organization``: the id or short name of the only organization whose keys a login may save. By default, it is the
      one that the client met before.
    - ``login_timeout``: seconds that the user may take to log in, 300 by default.
    - ``open_browser``: whether a login opens the browser, ``True`` by default.

    Raises :class:`InvalidArgument`.

    As a context manager, it closes its connections on exit.

    >>> from libatmn import Client
    >>> with Client() as client:
    ...     client.request("GET", "/v1/customers", query={"limit": "10"}, timeout=5).json()
    {...}
    """

    __module__ = "libatmn"

    def _guard(self, on_event: Optional[OnEvent]) -> Guard:
        has_blocking_listener(on_event)
        return Guard(on_event)

    def __enter__(self) -> Client:
        self._native.check_open()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Response:
        """Call the API, and return a 2xx response, or with ``raise_for_status=False`` a response of any status.

        ``query`` and ``headers`` are mappings or pairs; numbers become text, and ``None`` is skipped. The body is
        ``json``, or ``body`` (bytes or text, not a stream) with its ``content_type`` (``application/json`` by default).
        ``timeout`` is in seconds, for each try; it and ``retries`` are the client's by default.

        A request is tried up to four times within thirty seconds: again after a connection failure and after 429, 502,
        503 and 504. A ``POST`` or ``PATCH`` that may have reached the server is repeated only with an
        ``idempotency_key``.

        If the server rejects a secret key, the client looks it up again, since another process may have replaced it. If
        the key is still the same and ``reauth`` allows it, all waiting calls share one login. The new key replaces the
        old one, and the request is repeated once.

        Raises what :func:`resolve_key` raises; :class:`InvalidArgument`; :class:`ApiError` (``api_error``,
        ``unauthorized``, or the server's own code, such as ``invalid_secret_key``), of which :class:`LoginNeeded` is a
        subclass; :class:`LoginError` (what :func:`login` raises); another :class:`RequestError`
        (``organization_changed``, ``connect_failed``, ``request_timed_out``, …; ``endpoint_not_public`` before anything
        is sent).
        """
        __tracebackhide__ = True
        method, path = conceal(method), conceal(path)
        conceal_all(options)
        return wait(self._request(method, path, options), self._listener.on_event)

    def reauthenticate(self, rejected: Union[ApiKey, str]) -> ResolvedKey:
        """Return a key that replaces a rejected one, for programs that send their requests with another library.

        It does what :meth:`request` does about a rejected key, without checking that the server rejected it. If the
        organization of the rejected key is not known and ``organization`` is not set, the new key may belong to another
        one: the event ``hint`` says so, and the program decides what to repeat.

        Raises as :meth:`request`, and ``wrong_key_kind`` for a publishable key.
        """
        __tracebackhide__ = True
        rejected = conceal(rejected)
        return wait(self._reauthenticate(rejected), self._listener.on_event)


def _json(value: Optional[Concealed[object]]) -> bytes:
    __tracebackhide__ = True
    try:
        return dumps(None if value is None else value.reveal(), allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        message = "`json` is circular, too deep, or has a number that JSON cannot represent."
        raise InvalidArgument("invalid_argument", message, context={"option": "json"}) from error
    except TypeError as error:
        raise TypeError(f"json: {error}") from error


def _pairs(option: str, pairs: Optional[Concealed[Pairs]]) -> list[tuple[str, str]]:
    """Return names and values as a list of pairs; an error names the option, and no value, which may be a secret."""
    __tracebackhide__ = True
    if pairs is None:
        return []
    try:
        listed = _native.conceal(_listed(pairs.reveal()))
    except (TypeError, ValueError):
        raise TypeError(f"{option} must be a mapping, or pairs of names and values") from None
    if listed is None or not all(isinstance(part, str) for pair in listed.reveal() for part in pair):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{option} must contain only str, int, float, bool and None")
    return cast("list[tuple[str, str]]", listed)


def _listed(pairs: Pairs) -> list[tuple[str, str]]:
    items: object = cast("Mapping[str, str]", pairs).items() if isinstance(pairs, Mapping) else pairs
    listed = [(name, _pair_value(value)) for name, value in cast("list[tuple[str, PairValue]]", items)]
    return [(name, value) for name, value in listed if value is not None]


def _pair_value(value: PairValue) -> Optional[str]:
    """Return a value as text; other types stay as they are, and are refused later."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if type(value) in (int, float) else cast("Optional[str]", value)
