"""libatmn for asyncio: what waits is a coroutine here; all else is as in ``libatmn``.

Listeners are called on the event loop's thread, all before the result is there. A task that is cancelled ends its call,
and the port of a login is free before ``CancelledError`` comes out.

>>> import asyncio
>>> from libatmn import aio
>>> print(asyncio.run(aio.whoami()).organization.slug)
night-library
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, cast, overload

from libatmn import _native
from libatmn._authenticate import Accepts, Incoming, Verdict, admitted, refuse
from libatmn._client import UNSET, ClientBase, Pairs
from libatmn._errors import AuthenticationError
from libatmn._login import AttemptBase
from libatmn._waiting import TICK, listens

if TYPE_CHECKING:
    from types import TracebackType

    from libatmn._keys import ResolvedKey
    from libatmn._native import ApiKey, Call
    from libatmn._types import (
        Credential,
        Environment,
        Gitignore,
        Identity,
        LoginResult,
        OnEvent,
        StrPath,
        Response,
    )

__all__ = ["Client", "LoginAttempt", "authenticate", "complete_login", "login", "start_login", "whoami"]

_T = TypeVar("_T")
_P = TypeVar("_P")


async def login(
    *,
    on_event: Optional[OnEvent],
    server: Optional[str] = None,
    directory: Optional[StrPath] = None,
    login_timeout: Optional[float] = None,
    open_browser: bool = True,
    force: bool = False,
    sandbox_only: bool = False,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
    organization: Optional[str] = None,
) -> LoginResult:
    """Log in, as :func:`libatmn.login`."""
    options = _native.login_options(
        server=server,
        directory=directory,
        login_timeout=login_timeout,
        open_browser=open_browser,
        force=force,
        sandbox_only=sandbox_only,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
        organization=organization,
    )
    return await _wait(_native.login(options, listens(on_event)), on_event)


def start_login(
    *,
    on_event: Optional[OnEvent] = None,
    server: Optional[str] = None,
    directory: Optional[StrPath] = None,
    login_timeout: Optional[float] = None,
    open_browser: bool = True,
    force: bool = False,
    sandbox_only: bool = False,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
    organization: Optional[str] = None,
) -> LoginAttempt:
    """Take a callback port and make the address, as :func:`libatmn.start_login`."""
    listens(on_event)
    options = _native.login_options(
        server=server,
        directory=directory,
        login_timeout=login_timeout,
        open_browser=open_browser,
        force=force,
        sandbox_only=sandbox_only,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
        organization=organization,
    )
    return LoginAttempt(_native.start_login(options), on_event)


class LoginAttempt(AttemptBase):
    """A login under way, as :class:`libatmn.LoginAttempt`; its context manager is an asynchronous one."""

    async def wait(self) -> LoginResult:
        """Wait until the login has ended. The first call opens the browser."""
        return await _wait(self._begun(), self._on_event)

    async def __aenter__(self) -> LoginAttempt:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.cancel()
        if self._call is not None:
            await _leave(self._call)


async def complete_login(
    text: str,
    *,
    on_event: Optional[OnEvent] = None,
    login_timeout: Optional[float] = None,
) -> LoginResult:
    """Finish a login that :func:`libatmn.begin_login` began, as :func:`libatmn.complete_login`."""
    listens(on_event)
    return await _wait(_native.complete_login(text, login_timeout), on_event)


async def whoami(
    *,
    server: Optional[str] = None,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[StrPath] = None,
    boundary: Optional[StrPath] = None,
    timeout: Optional[float] = None,
) -> Identity:
    """Find the key in force and ask the server whose it is, as :func:`libatmn.whoami`."""
    options = _native.resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return await _wait(_native.whoami(options, server, timeout), None)


class Client(ClientBase):
    """Calls one server with the key in force, as :class:`libatmn.Client`. Tasks may share a client."""

    async def request(
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
        """Call the API, as :meth:`libatmn.Client.request`."""
        call = self._request(method, path, query, headers, json, body, content_type, idempotency_key)
        return await _wait(call, self._on_event)

    async def reauthenticate(self, rejected: Union[ApiKey, str]) -> ResolvedKey:
        """Return a key in place of one that was rejected, as :meth:`libatmn.Client.reauthenticate`."""
        return await _wait(self._reauthenticate(rejected), self._on_event)


@overload
async def authenticate(
    request: Mapping[str, Any],
    verify: Callable[[Credential], Awaitable[Verdict[_P]]],
    *,
    accepts: Accepts = "any",
    on_event: Optional[OnEvent] = None,
) -> _P: ...
@overload
async def authenticate(
    request: Mapping[str, Any],
    verify: Callable[[Credential], Verdict[_P]],
    *,
    accepts: Accepts = "any",
    on_event: Optional[OnEvent] = None,
) -> _P: ...
async def authenticate(
    request: Mapping[str, Any],
    verify: Callable[[Credential], Union[Awaitable[Verdict[_P]], Verdict[_P]]],
    *,
    accepts: Accepts = "any",
    on_event: Optional[OnEvent] = None,
) -> _P:
    """Tell who sent a request, as :func:`libatmn.authenticate`; ``verify`` may be a coroutine function."""
    incoming = Incoming.read(request)
    try:
        credential = incoming.credential(accepts)
        try:
            answer = verify(credential)
            principal = await answer if inspect.isawaitable(answer) else answer
        except Exception as error:
            refuse(credential, unknown=False, cause=error)
        return admitted(credential, cast("Verdict[_P]", principal))
    except AuthenticationError as error:
        incoming.report(error, on_event)
        raise


async def _wait(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    ticks = _Ticks()
    try:
        while True:
            result = call.step(0.0, on_event)
            if result is not None:
                return result
            await ticks.next()
    except BaseException:
        await _leave(call)
        raise


async def _leave(call: Call[Any]) -> None:
    """Cancel the call and wait until what it held, such as a port, is free."""
    call.cancel()
    ticks = _Ticks()
    while not call.ended:
        await ticks.next()


class _Ticks:
    """Looks from time to time, as the threads that work cannot call a loop of Python: an ending one would not bear it.

    Short calls are looked after often, so that none takes a tenth longer than it must; long ones as often as anywhere.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def next(self) -> None:
        """Let the loop go on for a moment."""
        await asyncio.sleep(min(TICK, 0.001 + (self._loop.time() - self._began) / 10))
