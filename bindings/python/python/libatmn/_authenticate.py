"""The rule book for programs that receive Autumn requests."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Callable, Literal, NamedTuple, NoReturn, Optional, TypeVar, Union

from libatmn import _native
from libatmn._errors import AuthenticationError

if TYPE_CHECKING:
    from libatmn._types import Credential, OnEvent

_P = TypeVar("_P")

Accepts = Literal["any", "publishable_only"]
Verdict = Union[_P, Literal[False], None]


def authenticate(
    request: Mapping[str, Any],
    verify: Callable[[Credential], Verdict[_P]],
    *,
    accepts: Accepts = "any",
    on_event: Optional[OnEvent] = None,
) -> _P:
    """Tell who sent a request: read its credential and ask ``verify``, without which nothing is accepted.

    ``request`` is a WSGI environ (Django's ``request.META``), an ASGI scope (Starlette's ``request.scope``), or a
    mapping with ``method``, ``path`` and ``headers``. ``verify`` returns whom the credential belongs to, or ``None``
    or ``False`` if nobody has it; if it cannot tell, it raises, and its exception is the cause of the refusal.
    ``accepts="publishable_only"`` is for endpoints that take no secret key. ``on_event`` hears each refusal, for
    security logs.

    Raises :class:`AuthenticationError`, one of the eight codes from ``no_secret_key`` to
    ``failed_to_verify_publishable_key``: answer with its ``status`` and, as JSON, its ``body``.

    >>> from libatmn import AuthenticationError, authenticate
    >>> request = {"method": "GET", "path": "/v1/customers", "headers": {}}
    >>> try:
    ...     authenticate(request, lambda credential: "everybody")
    ... except AuthenticationError as error:
    ...     print(error.status, error.body)
    401 {'message': 'Secret key not found in Authorization header', 'code': 'no_secret_key', 'env': 'sandbox'}
    """
    incoming = Incoming.read(request)
    try:
        credential = incoming.credential(accepts)
        try:
            principal = verify(credential)
        except Exception as error:
            refuse(credential, unknown=False, cause=error)
        return admitted(credential, principal)
    except AuthenticationError as error:
        incoming.report(error, on_event)
        raise


def admitted(credential: Credential, principal: Verdict[_P]) -> _P:
    """Return whom a credential belongs to, or refuse it."""
    # `False` is what a check answers that should have answered who it is; it must not let anybody in.
    if principal is None or principal is False:
        refuse(credential, unknown=True)
    # Nor may a coroutine that nobody has asked yet.
    if isinstance(principal, Awaitable):
        raise TypeError("verify has to be waited for: use libatmn.aio.authenticate")
    return principal


def refuse(credential: Credential, *, unknown: bool, cause: Optional[Exception] = None) -> NoReturn:
    """Refuse a credential that nobody has, or that could not be checked."""
    raise _native.refused(credential.key, unknown) from cause


class Incoming(NamedTuple):
    """What the rules need to know of a request."""

    method: str
    path: str
    authorization: Optional[str]
    client_type: Optional[str]

    @staticmethod
    def read(request: Mapping[str, Any]) -> Incoming:
        """Take a WSGI environ, an ASGI scope, or ``method``, ``path`` and ``headers``."""
        if "REQUEST_METHOD" in request:
            return _of_wsgi(request)
        return _of_asgi(request) if "type" in request else _of_mapping(request)

    def credential(self, accepts: Accepts) -> Credential:
        """Read the credential, or raise the refusal."""
        return _native.read_credential(*self, accepts)

    def report(self, error: AuthenticationError, on_event: Optional[OnEvent]) -> None:
        """Tell a listener of a refusal."""
        if on_event is not None:
            env = error.context.get("env")
            on_event(_native.refusal_event(error.code, env, self.method, self.path))


def _of_wsgi(environ: Mapping[str, Any]) -> Incoming:
    return Incoming(
        method=_clean(environ["REQUEST_METHOD"]),
        # Latin-1 is how WSGI carries bytes (PEP 3333).
        path=_quoted(environ.get("PATH_INFO", "").encode("latin-1", "replace")),
        authorization=_optional(environ.get("HTTP_AUTHORIZATION")),
        client_type=_optional(environ.get("HTTP_X_CLIENT_TYPE")),
    )


def _of_asgi(scope: Mapping[str, Any]) -> Incoming:
    headers = [(name.decode("latin-1"), _decoded(value)) for name, value in scope["headers"]]
    path, root = scope["path"], scope.get("root_path", "")
    # The part that is routed here, as in WSGI.
    inner = path[len(root) :] if root and path.startswith(f"{root}/") else path
    method = _clean(scope.get("method", ""))
    return Incoming(
        method,
        _quoted(inner.encode("utf-8", "replace")),
        _header(headers, "authorization"),
        _header(headers, "x-client-type"),
    )


def _of_mapping(request: Mapping[str, Any]) -> Incoming:
    headers = request["headers"].items()
    authorization, client_type = _header(headers, "authorization"), _header(headers, "x-client-type")
    return Incoming(_clean(request["method"]), _clean(request["path"]), authorization, client_type)


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> Optional[str]:
    """Join headers of the same name, which the rules refuse: which of two keys counts is not for guessing."""
    values = [_clean(value) for name, value in headers if name.lower() == wanted]
    return ", ".join(values) if values else None


def _quoted(path: bytes) -> str:
    """Quote a path that came decoded: no character of it may be taken for the start of a query."""
    from urllib.parse import quote  # noqa: PLC0415 - slow to load, and only servers need it

    return quote(path)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _optional(text: Optional[str]) -> Optional[str]:
    return None if text is None else _clean(text)


def _clean(text: str) -> str:
    """Replace lone surrogates, which no key has."""
    return text.encode("utf-8", "replace").decode()
