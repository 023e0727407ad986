"""libatmn for asyncio. Operations that wait are coroutines here; everything else is as in ``libatmn``.

A listener runs on the event loop's thread, and may be a coroutine function. It receives all events before the call
returns.
A cancelled task ends its call, and the port of a login is free before ``CancelledError`` propagates.

>>> import asyncio
>>> from libatmn import aio
>>> print(asyncio.run(aio.whoami()).organization.slug)
night-library
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, cast, overload

from libatmn import _native
from libatmn._authenticate import Incoming, Verdict, admit, check_verify, refuse
from libatmn._client import ClientBase, whoami_call
from libatmn._errors import AuthenticationError
from libatmn._login import AttemptBase
from libatmn._native import ApiKey, Credential, Event, Identity, LoginResult, ResolvedKey, Response
from libatmn._types import Accepts, LoginOptions, OnEvent, RequestOptions, Unpack, WhoamiOptions
from libatmn._wait import TICK, has_listener

if TYPE_CHECKING:
    from libatmn._native import Call

__all__ = ["Client", "LoginAttempt", "authenticate", "complete_login", "login", "start_login", "whoami"]

_T = TypeVar("_T")
_P = TypeVar("_P")


async def login(*, on_event: Optional[OnEvent], **options: Unpack[LoginOptions]) -> LoginResult:
    """Log in, as :func:`libatmn.login`."""
    call = _native.login(_native.login_options(**options), has_listener(on_event))
    return await _wait(call, on_event)


def start_login(*, on_event: Optional[OnEvent] = None, **options: Unpack[LoginOptions]) -> LoginAttempt:
    """Bind a callback port and make the login URL, as :func:`libatmn.start_login`."""
    has_listener(on_event)
    return LoginAttempt(_native.start_login(_native.login_options(**options)), on_event)


class LoginAttempt(AttemptBase):
    """A login in progress, as :class:`libatmn.LoginAttempt`; its context manager is asynchronous."""

    async def wait(self) -> LoginResult:
        """Wait until the login has ended. The first call opens the browser."""
        return await _wait(self._started(), self._on_event)

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
    text: str, *, on_event: Optional[OnEvent] = None, login_timeout: Optional[float] = None
) -> LoginResult:
    """Finish a login that :func:`libatmn.begin_login` began, as :func:`libatmn.complete_login`."""
    has_listener(on_event)
    return await _wait(_native.complete_login(text, login_timeout), on_event)


async def whoami(**options: Unpack[WhoamiOptions]) -> Identity:
    """Find the active key and request its organization from the server, as :func:`libatmn.whoami`."""
    return await _wait(whoami_call(options), None)


class Client(ClientBase):
    """Calls one server with the active key, as :class:`libatmn.Client`; its context manager is asynchronous.

    Tasks may share a client.
    """

    async def __aenter__(self) -> Client:
        self._native.check_open()
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    async def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Response:
        """Call the API, as :meth:`libatmn.Client.request`."""
        return await _wait(self._request(method, path, options), self._on_event)

    async def reauthenticate(self, rejected: Union[ApiKey, str]) -> ResolvedKey:
        """Return a key that replaces a rejected one, as :meth:`libatmn.Client.reauthenticate`."""
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
    """Return who sent a request, as :func:`libatmn.authenticate`; ``verify`` may be a coroutine function."""
    has_listener(on_event)
    check_verify(verify)
    incoming = Incoming.read(request)
    try:
        credential = incoming.credential(accepts)
        try:
            answer = verify(credential)
            principal = await answer if inspect.isawaitable(answer) else answer
        except Exception as error:
            refuse(credential, unknown=False, cause=error)
        return admit(credential, cast("Verdict[_P]", principal))
    except AuthenticationError as error:
        event = incoming.refusal(error)
        if on_event is not None:
            await _deliver(event, on_event)
        raise


async def _wait(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    ticks = _Ticks()
    events: list[Event] = []
    try:
        while True:
            result = call.step(0.0, None if on_event is None else events.append)
            while events and on_event is not None:
                await _deliver(events.pop(0), on_event)
            if result is not None:
                return result
            await ticks.next()
    except BaseException:
        await _leave(call)
        raise


async def _deliver(event: Event, on_event: OnEvent) -> None:
    answer = on_event(event)
    if inspect.isawaitable(answer):
        await answer


async def _leave(call: Call[Any]) -> None:
    """Cancel the call and wait until what it held, such as a port, is free."""
    call.cancel()
    ticks = _Ticks()
    while not call.ended:
        await ticks.next()


class _Ticks:
    """Polls a call, since a worker thread must not enter Python, which may be shutting down.

    It polls short calls often, so that none takes over a tenth longer, and long calls every ``TICK``.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def next(self) -> None:
        """Let the loop run other tasks for a moment."""
        await asyncio.sleep(min(TICK, 0.001 + (self._loop.time() - self._began) / 10))
