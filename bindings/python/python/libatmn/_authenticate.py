"""The rules for programs that receive requests with Autumn keys."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Callable, Literal, NamedTuple, NoReturn, Optional, TypeVar, Union, cast
from urllib.parse import quote

from libatmn import _native
from libatmn._errors import AuthenticationError, InvalidArgument
from libatmn._host import conceal
from libatmn._listener import has_blocking_listener
from libatmn._native import Credential
from libatmn._types import Accepts, OnEvent
from libatmn._wait import close, deliver

if TYPE_CHECKING:
    from libatmn._native import Concealed

__all__ = ["authenticate"]

_P = TypeVar("_P")

Verdict = Union[_P, Literal[False], None]


def authenticate(
    request: Mapping[str, Any],
    verify: Callable[[Credential], Verdict[_P]],
    *,
    accepts: Accepts = "any",
    on_event: Optional[OnEvent] = None,
) -> _P:
    """Return who sent a request: read its credential, and call ``verify``, which must accept it.

    ``request`` is a WSGI environ (Django's ``request.META``), an ASGI scope (Starlette's ``request.scope``), or a
    mapping with ``method``, ``path`` and ``headers``. ``verify`` returns the owner of the credential. ``None``,
    ``False`` and every other falsy value refuse the request. If ``verify`` cannot decide, it raises an exception, which
    becomes the cause of the refusal. ``accepts="publishable_only"`` is for endpoints that take no secret key.
    ``on_event`` receives each refusal, for security logs.

    Raises :class:`AuthenticationError`, one of the eight codes from ``no_secret_key`` to
    ``failed_to_verify_publishable_key``: respond with its ``status`` and, as JSON, its ``body``. Raises
    :class:`InvalidArgument` for a request that is none of the three.

    >>> from libatmn import AuthenticationError, authenticate
    >>> request = {"method": "GET", "path": "/v1/customers", "headers": {}}
    >>> try:
    ...     authenticate(request, lambda credential: "anyone")
    ... except AuthenticationError as error:
    ...     print(error.status, error.body)
    401 {'message': 'Secret key not found in Authorization header', 'code': 'no_secret_key', 'env': 'sandbox'}
    """
    __tracebackhide__ = True
    accepts = conceal(accepts)
    concealed, request = _native.conceal(request), {}
    has_blocking_listener(on_event)
    check_verify(verify)
    incoming = Incoming.read(concealed)
    try:
        credential = incoming.credential(accepts)
        try:
            principal = verify(credential)
        except Exception as error:
            refuse(credential, unknown=False, cause=error)
        return admit(credential, principal)
    except AuthenticationError as error:
        event = incoming.refusal(error)
        if on_event is not None:
            deliver(event, on_event)
        raise


def check_verify(verify: object) -> None:
    """Refuse a ``verify`` that cannot be called, which would refuse every request."""
    if not callable(verify):
        raise TypeError(f"verify must be callable, not {type(verify).__name__}")


def check_accepts(accepts: Accepts) -> None:
    """Refuse an ``accepts`` that does not exist."""
    __tracebackhide__ = True
    with suppress(AuthenticationError):
        Incoming("GET", "/", None, None).credential(conceal(accepts))


def admit(credential: Credential, principal: Verdict[_P]) -> _P:
    """Return the owner of a credential, or refuse it. A falsy value, such as a count of 0, must not admit a request.

    A coroutine or a generator is no owner: an ``await`` or a ``return`` is missing, and it is true in any case.
    """
    __tracebackhide__ = True
    if isawaitable(principal):
        close(principal)
        raise TypeError("verify returned an awaitable; await it, or use libatmn.aio.authenticate")
    if isinstance(principal, (Generator, AsyncGenerator)):
        raise TypeError("verify returned a generator; it must return the owner of the key")
    try:
        admitted = bool(principal)
    except Exception as error:
        refuse(credential, unknown=False, cause=error)
    if not admitted:
        refuse(credential, unknown=True)
    return cast("_P", principal)


def refuse(credential: Credential, *, unknown: bool, cause: Optional[Exception] = None) -> NoReturn:
    """Refuse a credential that is unknown, or that could not be checked."""
    __tracebackhide__ = True
    raise _native.refused(credential.key, unknown) from cause


class Incoming(NamedTuple):
    """The parts of a request that the rules need."""

    method: str
    path: str
    authorization: Optional[str]
    client_type: Optional[str]

    @staticmethod
    def read(concealed: Concealed[Mapping[str, Any]] | None) -> Incoming:
        """Read a WSGI environ, an ASGI scope, or a mapping with ``method``, ``path`` and ``headers``."""
        __tracebackhide__ = True
        if concealed is None:
            raise TypeError("request must be a mapping, not NoneType")
        if not isinstance(concealed.reveal(), Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"request must be a mapping, not {type(concealed.reveal()).__name__}")
        try:
            return _read(concealed.reveal())
        except (AttributeError, LookupError, TypeError, ValueError):
            # Without a cause, whose text may hold a key.
            message = "`request` must be a WSGI environ, an ASGI scope, or have `method`, `path` and `headers`."
            raise InvalidArgument("invalid_argument", message, context={"option": "request"}) from None

    def __repr__(self) -> str:
        return "Incoming(…)"  # without the key

    def credential(self, accepts: Accepts) -> Credential:
        """Read the credential, or raise the refusal."""
        __tracebackhide__ = True
        return _native.read_credential(*self, accepts)

    def refusal(self, error: AuthenticationError) -> _native.Event:
        """Return the event about a refusal."""
        return _native.refusal_event(error.code, error.context.get("env"), self.method, self.path)


def _read(request: Mapping[str, Any]) -> Incoming:
    read = _from_wsgi if "REQUEST_METHOD" in request else _from_asgi if "type" in request else _from_mapping
    return read(request)


def _from_wsgi(environ: Mapping[str, Any]) -> Incoming:
    return Incoming(
        method=_text(environ["REQUEST_METHOD"]),
        # WSGI carries bytes as Latin-1 (PEP 3333).
        path=_quoted(environ.get("PATH_INFO", "").encode("latin-1", "replace")),
        authorization=_optional(environ.get("HTTP_AUTHORIZATION")),
        client_type=_optional(environ.get("HTTP_X_CLIENT_TYPE")),
    )


def _from_asgi(scope: Mapping[str, Any]) -> Incoming:
    headers = [(_decoded(name), _decoded(value)) for name, value in scope["headers"]]
    path, root = scope["path"], scope.get("root_path") or ""
    if not isinstance(root, str):
        raise TypeError
    # The part below the mount point, which is what WSGI has in PATH_INFO.
    inner = path[len(root) :] if root and path.startswith(f"{root}/") else path
    return Incoming(
        # The scope of a WebSocket has no method, so no publishable key can be allowed.
        _text(scope.get("method") or ""),
        _quoted(inner.encode("utf-8", "replace")),
        _header(headers, "authorization"),
        _header(headers, "x-client-type"),
    )


def _from_mapping(request: Mapping[str, Any]) -> Incoming:
    given: Any = request["headers"]
    pairs: Iterable[tuple[Any, Any]] = given.items() if hasattr(given, "items") else given
    headers = [(_decoded(name), _decoded(value)) for name, value in pairs]
    authorization, client_type = _header(headers, "authorization"), _header(headers, "x-client-type")
    return Incoming(_text(request["method"]), _text(request["path"]), authorization, client_type)


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> Optional[str]:
    """Join headers of the same name. The rules refuse the result, since either of two keys could be meant."""
    values = [_text(value) for name, value in headers if name.lower() == wanted]
    return ", ".join(values) if values else None


def _quoted(path: bytes) -> str:
    """Quote a decoded path, so that a ``?`` in it does not begin a query."""
    return quote(path)


def _decoded(value: Union[bytes, str]) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _optional(text: Optional[str]) -> Optional[str]:
    return None if text is None else _text(text)


def _text(text: str) -> str:
    """Replace lone surrogates, which no key has."""
    return text.encode("utf-8", "replace").decode()
