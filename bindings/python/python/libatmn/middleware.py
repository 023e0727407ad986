"""Middleware that authenticates every request with :func:`libatmn.authenticate`.

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

from collections.abc import Awaitable, Iterable, Mapping, MutableMapping
from json import dumps
from re import sub
from typing import Any, Callable, Optional

from libatmn import AuthenticationError, Credential, authenticate
from libatmn._types import Accepts, OnEvent
from libatmn.aio import authenticate as authenticate_async

__all__ = ["ASGIMiddleware", "WSGIMiddleware"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
StartResponse = Callable[..., Any]
WSGIApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class ASGIMiddleware:
    """Puts the owner of the credential into ``scope["state"]["principal"]``; FastAPI: ``request.state.principal``.

    ``verify`` may be a coroutine function. A refused request gets 401 with the JSON body of the refusal, and a refused
    WebSocket is closed. Only paths that begin with ``prefix`` are protected, below a root path too.
    """

    def __init__(
        self,
        app: ASGIApp,
        verify: Callable[[Credential], Any],
        *,
        prefix: str = "/",
        accepts: Accepts = "any",
        on_event: Optional[OnEvent] = None,
    ) -> None:
        """Protect an application."""
        self._app, self._verify, self._prefix = app, verify, prefix
        self._accepts: Accepts = accepts
        self._on_event = on_event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] in ("http", "websocket") and any(_is_below(path, self._prefix) for path in _paths(scope)):
            try:
                principal: Any = await authenticate_async(
                    scope, self._verify, accepts=self._accepts, on_event=self._on_event
                )
            except AuthenticationError as error:
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
    ) -> None:
        """Protect an application."""
        self._app, self._verify, self._prefix = app, verify, prefix
        self._accepts: Accepts = accepts
        self._on_event = on_event

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request."""
        if _is_below(str(environ.get("PATH_INFO") or ""), self._prefix):
            try:
                principal: Any = authenticate(environ, self._verify, accepts=self._accepts, on_event=self._on_event)
            except AuthenticationError as error:
                body = dumps(error.body).encode()
                start_response("401 Unauthorized", [(name.title(), value) for name, value in _headers(body).items()])
                return [body]
            environ["libatmn.principal"] = principal
        return self._app(environ, start_response)


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
