"""Middleware that authenticates every request with :func:`libatmn.authenticate`.

Wrong options raise a ``TypeError`` or :class:`libatmn.InvalidArgument` when the middleware is made. If ``verify``
raises, the request is refused, and ``on_error`` receives the refusal, whose ``__cause__`` is the exception of
``verify``. Without ``on_error``, the logger ``libatmn`` gets an error with the class of the exception, but not with its
text, which may hold the key.

For ASGI (FastAPI, Starlette, Django):

>>> from fastapi import FastAPI, Request
>>> from libatmn.middleware import ASGIMiddleware
>>> customers = {"am_sk_test_0123456789ab": "Copper Kettle"}
>>> def verify(credential):
...     return credential.key and customers.get(credential.key.reveal())
>>> app = FastAPI()
>>> app.add_middleware(ASGIMiddleware, verify=verify)
>>> @app.get("/v1/hello")
... def hello(request: Request) -> str:
...     return request.state.principal

For WSGI (Flask, Django, Pyramid):

>>> from flask import Flask, request
>>> from libatmn.middleware import WSGIMiddleware
>>> shop = Flask("shop")
>>> shop.wsgi_app = WSGIMiddleware(shop.wsgi_app, verify)
>>> @shop.get("/v1/hello")
... def greet() -> str:
...     return request.environ["libatmn.principal"]
>>> shop.test_client().get("/v1/hello").json["code"]
'no_secret_key'
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Iterable, Mapping, MutableMapping
from json import dumps
from re import sub
from typing import Any, Callable, Optional

from libatmn import AuthenticationError, Credential, InvalidArgument, authenticate
from libatmn._authenticate import check_accepts, check_verify
from libatmn._listener import has_blocking_listener, has_listener
from libatmn._types import Accepts, OnEvent
from libatmn.aio import authenticate as authenticate_async

__all__ = ["ASGIMiddleware", "WSGIMiddleware"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
StartResponse = Callable[..., Any]
WSGIApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
OnError = Callable[[AuthenticationError], Any]


class ASGIMiddleware:
    """Puts the owner of the credential into ``scope["state"]["principal"]``; FastAPI: ``request.state.principal``.

    ``verify`` may be a coroutine function. A refused request gets 401 with the JSON body of the refusal, and a refused
    WebSocket is closed. Only paths that begin with ``prefix`` are protected, below a root path too. ``on_error`` may
    be a coroutine function.
    """

    def __init__(
        self,
        app: ASGIApp,
        verify: Callable[[Credential], Any],
        *,
        prefix: str = "/",
        accepts: Accepts = "any",
        on_event: Optional[OnEvent] = None,
        on_error: Optional[OnError] = None,
    ) -> None:
        """Protect an application."""
        _check(app, verify, prefix, accepts)
        has_listener(on_event)
        has_listener(on_error, "on_error")
        self._app, self._verify, self._prefix = app, verify, prefix
        self._accepts: Accepts = accepts
        self._on_event, self._on_error = on_event, on_error or _log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] in ("http", "websocket") and any(_is_below(path, self._prefix) for path in _paths(scope)):
            try:
                principal: Any = await authenticate_async(
                    scope, self._verify, accepts=self._accepts, on_event=self._on_event
                )
            except AuthenticationError as error:
                reported = self._on_error(error) if error.__cause__ is not None else None
                if inspect.isawaitable(reported):
                    await reported
                await _refuse(scope["type"], error, send)
                return
            scope.setdefault("state", {})["principal"] = principal
        await self._app(scope, receive, send)


class WSGIMiddleware:
    """Puts the owner of the credential into ``environ["libatmn.principal"]``.

    A refused request gets 401 with the JSON body of the refusal. Only paths that begin with ``prefix`` are protected.
    """

    def __init__(
        self,
        app: WSGIApp,
        verify: Callable[[Credential], Any],
        *,
        prefix: str = "/",
        accepts: Accepts = "any",
        on_event: Optional[OnEvent] = None,
        on_error: Optional[OnError] = None,
    ) -> None:
        """Protect an application."""
        _check(app, verify, prefix, accepts)
        has_blocking_listener(on_event)
        has_blocking_listener(on_error, "on_error")
        self._app, self._verify, self._prefix = app, verify, prefix
        self._accepts: Accepts = accepts
        self._on_event, self._on_error = on_event, on_error or _log

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request."""
        if _is_below(str(environ.get("PATH_INFO") or ""), self._prefix):
            try:
                principal: Any = authenticate(environ, self._verify, accepts=self._accepts, on_event=self._on_event)
            except AuthenticationError as error:
                if error.__cause__ is not None:
                    self._on_error(error)
                body = dumps(error.body).encode()
                start_response("401 Unauthorized", [(name.title(), value) for name, value in _headers(body).items()])
                return [body]
            environ["libatmn.principal"] = principal
        return self._app(environ, start_response)


def _check(app: object, verify: object, prefix: object, accepts: Accepts) -> None:
    """Refuse wrong options. A prefix that matches no path would protect nothing."""
    if not callable(app):
        raise TypeError(f"app must be callable, not {type(app).__name__}")
    check_verify(verify)
    check_accepts(accepts)
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be str, not {type(prefix).__name__}")
    if not prefix.startswith("/") or any(character in prefix for character in "*?#"):
        message = "`prefix` must be the beginning of a path, such as `/v1`, without `*`, `?` and `#`."
        raise InvalidArgument("invalid_argument", message, context={"option": "prefix"})


def _log(error: AuthenticationError) -> None:
    """Report an exception of ``verify`` without its text, which may hold the key, as that of a ``KeyError`` does."""
    message = "A request was refused because `verify` raised %s; pass `on_error` to the middleware to see it."
    logging.getLogger("libatmn").error(message, type(error.__cause__).__name__)


def _is_below(path: str, prefix: str) -> bool:
    """Return whether a path begins with the prefix, however many slashes it has: Flask routes ``//v1`` as ``/v1``."""
    return sub("/+", "/", f"/{path}/").startswith(sub("/+", "/", f"/{prefix}"))


def _paths(scope: Scope) -> list[str]:
    """Return the path and the part below the mount point: servers differ in whether the path contains the root path."""
    path, root = str(scope["path"]), str(scope.get("root_path") or "").rstrip("/")
    return [path, path[len(root) :]] if path.startswith(f"{root}/") else [path]


async def _refuse(kind: str, error: AuthenticationError, send: Send) -> None:
    if kind == "websocket":
        # 1008: the connection violates a policy (RFC 6455, 7.4.1).
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    body = dumps(error.body).encode()
    headers = [(name.encode(), value.encode()) for name, value in _headers(body).items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(body: bytes) -> Mapping[str, str]:
    # A 401 names a scheme (RFC 9110, 15.5.2).
    return {"content-type": "application/json", "content-length": str(len(body)), "www-authenticate": "Bearer"}
