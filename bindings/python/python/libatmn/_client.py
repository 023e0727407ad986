"""Asking Autumn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Optional, Union, cast

from libatmn import _native
from libatmn._waiting import listens, wait

if TYPE_CHECKING:
    from libatmn._keys import ResolvedKey
    from libatmn._native import ApiKey, Call
    from libatmn._types import Environment, Identity, OnEvent, StrPath, Reauth, Response

Pairs = Union[Mapping[str, str], Iterable[tuple[str, str]]]
"""Names and values; as pairs, where a name may come twice."""


class Unset:
    """What stands for nothing where ``None`` is a value."""

    def __repr__(self) -> str:
        return "<unset>"


UNSET: Final = Unset()


def whoami(
    *,
    server: Optional[str] = None,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[StrPath] = None,
    boundary: Optional[StrPath] = None,
    timeout: Optional[float] = None,
) -> Identity:
    """Find the key in force, as :func:`resolve_key` does, and ask the server whose it is: one request, not repeated.

    ``server`` is as for :func:`login`; ``timeout`` is in seconds, 30 unless set.

    Raises what :func:`resolve_key` raises; :class:`ApiError` (``invalid_secret_key``, ``unauthorized``, ``api_error``)
    or another :class:`RequestError` (``connect_failed``, …; ``endpoint_not_public`` before anything is sent).

    >>> from libatmn import whoami
    >>> print(whoami().organization.slug)
    night-library
    """
    options = _native.resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return wait(_native.whoami(options, server, timeout), None)


class ClientBase:
    """What both clients are made of."""

    def __init__(
        self,
        *,
        server: Optional[str] = None,
        key: Union[ApiKey, str, None] = None,
        environment: Optional[Environment] = None,
        directory: Optional[StrPath] = None,
        boundary: Optional[StrPath] = None,
        timeout: Optional[float] = None,
        response_limit: Optional[int] = None,
        reauth: Reauth = "never",
        organization: Optional[str] = None,
        login_timeout: Optional[float] = None,
        open_browser: bool = True,
        on_event: Optional[OnEvent] = None,
    ) -> None:
        """Read no key yet, and make no connection."""
        self._attended = listens(on_event)
        self._on_event = on_event
        self._native = _native.client(
            _native.resolve_options(key=key, environment=environment, directory=directory, boundary=boundary),
            server=server,
            timeout=timeout,
            response_limit=response_limit,
            reauth=reauth,
            organization=organization,
            login_timeout=login_timeout,
            open_browser=open_browser,
        )

    def submit(self, text: str) -> None:
        """Take what a person pasted for the login that is under way, from any thread; as ``LoginAttempt.submit``.

        Raises :class:`LoginError` (``no_pending_login``) if none is.
        """
        self._native.submit(text)

    def _request(
        self,
        method: str,
        path: str,
        query: Optional[Pairs],
        headers: Optional[Pairs],
        json: object,
        body: Optional[bytes],
        content_type: Optional[str],
        idempotency_key: Optional[str],
    ) -> Call[Response]:
        if not isinstance(json, Unset):
            if body is not None:
                raise TypeError("json and body are two ways to say the same; pass one of them")
            from json import dumps  # noqa: PLC0415 - whoever only looks for a key does not load it

            body = dumps(json).encode()
        return self._native.request(
            method,
            path,
            query=_pairs(query),
            headers=_pairs(headers),
            body=body,
            content_type=content_type,
            idempotency_key=idempotency_key,
            attended=self._attended,
        )

    def _reauthenticate(self, rejected: Union[ApiKey, str]) -> Call[ResolvedKey]:
        return self._native.reauthenticate(rejected, self._attended)


class Client(ClientBase):
    """Calls one server with the key in force, which is looked for with every call. Threads may share a client.

    ``timeout`` is for each try, in seconds, 30 unless set; ``response_limit`` in bytes, 64 MiB unless set. ``reauth``
    says whether a rejected key may lead to a login: ``"never"``, ``"auto"`` (with Autumn's own server, in a terminal,
    and no automation such as CI) or ``"always"``; somebody has to see its address, so ``on_event`` is needed too, which
    is called on the thread that waits. ``login_timeout`` is how long the person may take, 300 seconds unless set. After
    a login, keys of another ``organization`` (id or short name), or of another one than the client met last, are
    neither saved nor used. The other arguments are those of :func:`resolve_key` and :func:`login`.

    Raises :class:`InvalidArgument`.

    >>> from libatmn import Client
    >>> client = Client()
    >>> client.request("GET", "/v1/customers", query={"limit": "10"}).json()
    {...}
    """

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Pairs] = None,
        headers: Optional[Pairs] = None,
        json: Any = UNSET,  # noqa: ANN401 - whatever JSON can say
        body: Optional[bytes] = None,
        content_type: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> Response:
        """Call the API, and return what the server says if that is 2xx.

        A body is ``json``, or ``body`` with its ``content_type`` (``application/json`` unless set). A request that may
        be repeated is, up to four times within thirty seconds: after a connection failure, and after 429, 502, 503 and
        504. A ``POST`` or ``PATCH`` that may have arrived is repeated only with an ``idempotency_key``.

        A secret key that the server rejects is looked for once more, since it may have been replaced meanwhile. If it
        is still the same, and ``reauth`` allows it, one login is made for all who wait; the new key takes the place of
        the old one, and the request is made again once.

        Raises what :func:`resolve_key` raises; :class:`InvalidArgument`; :class:`ApiError` (``api_error``,
        ``unauthorized``, or the server's own code, such as ``invalid_secret_key``); :class:`LoginError`
        (``login_needed``, and what :func:`login` raises); another :class:`RequestError` (``organization_changed``,
        ``connect_failed``, ``request_timed_out``, …; ``endpoint_not_public`` before anything is sent).
        """
        call = self._request(method, path, query, headers, json, body, content_type, idempotency_key)
        return wait(call, self._on_event)

    def reauthenticate(self, rejected: Union[ApiKey, str]) -> ResolvedKey:
        """Return a key in place of one that was rejected, for programs that make their calls by other means.

        Does what :meth:`request` does about a rejected key, and takes the caller's word that it was.

        Raises as :meth:`request`, and ``wrong_key_kind`` for a publishable key.
        """
        return wait(self._reauthenticate(rejected), self._on_event)


def _pairs(pairs: Optional[Pairs]) -> list[tuple[str, str]]:
    if pairs is None:
        return []
    if isinstance(pairs, Mapping):
        pairs = cast("Mapping[str, str]", pairs).items()
    return list(pairs)
