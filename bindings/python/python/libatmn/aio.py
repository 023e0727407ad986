"""libatmn for asyncio. Operations that wait are coroutines here; everything else is as in ``libatmn``.

A listener runs on the event loop's thread, and may be a coroutine function. It receives all events before the call
returns. Once the call has its result, it waits for such a listener for ``login_timeout`` at most, then cancels it, and
passes it no more events; a call that was cancelled or has timed out does so at once. A login waits at
``callback_received`` as the one of ``libatmn``, unless the coroutine of an earlier event still runs.
A cancelled task ends its call, and the port of a login is free before ``CancelledError`` propagates. Keys that Autumn
has created by then are saved first. If it may have created keys, without an answer, the ``__cause__`` of the
``CancelledError`` is an ``AtmnError`` with ``keys_may_exist`` in its ``context``.

>>> import asyncio
>>> from libatmn import aio
>>> print(asyncio.run(aio.whoami()).organization.slug)
night-library
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Iterable, Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Callable, Optional, TextIO, TypeVar, Union, cast, overload
from weakref import WeakKeyDictionary

from libatmn import _native
from libatmn._arguments import native
from libatmn._authenticate import Incoming, Verdict, admit, check_verify, refuse
from libatmn._client import ClientBase, diagnose_call, whoami_call
from libatmn._errors import AuthenticationError
from libatmn._host import conceal, conceal_all, host_for_resolution
from libatmn._input import reading
from libatmn._keys import logout_call, save_keys_call
from libatmn._listener import has_listener
from libatmn._login import AttemptBase, begin_login_call, complete_login_call, login_options, start_reading
from libatmn._loop import AsyncGuard, deliver, leave, wait_on_loop
from libatmn._native import (
    ApiKey,
    Credential,
    Diagnosis,
    Identity,
    Location,
    LoginResult,
    LogoutResult,
    PendingLogin,
    ResolvedKey,
    Response,
    SaveResult,
)
from libatmn._types import (
    Accepts,
    BeginLoginOptions,
    DiagnoseOptions,
    EnvFile,
    Environment,
    Gitignore,
    LoginOptions,
    OnEvent,
    RequestOptions,
    ResolveOptions,
    StrPath,
    Unpack,
    WhoamiOptions,
)

__all__ = [
    "Client",
    "LoginAttempt",
    "authenticate",
    "begin_login",
    "complete_login",
    "diagnose",
    "explain_key",
    "find_key",
    "login",
    "logout",
    "resolve_key",
    "save_keys",
    "start_login",
    "whoami",
]

_P = TypeVar("_P")


async def login(
    *,
    on_event: Optional[OnEvent],
    input: Optional[TextIO] = None,  # noqa: A002 - as in ``subprocess``
    **options: Unpack[LoginOptions],
) -> LoginResult:
    """Log in, as :func:`libatmn.login`."""
    __tracebackhide__ = True
    conceal_all(options)
    if not has_listener(on_event) or input is None:
        call = _native.login(login_options("login", options), on_event is not None)
        return await wait_on_loop(call, on_event)
    attempt = start_reading("login", options, input)
    with reading(input, attempt.submit_line) as lines, lines.on_loop(asyncio.get_running_loop()):
        return await wait_on_loop(attempt.begin(has_listener=True), on_event)


def start_login(*, on_event: Optional[OnEvent] = None, **options: Unpack[LoginOptions]) -> LoginAttempt:
    """Bind a callback port and make the login URL, as :func:`libatmn.start_login`."""
    __tracebackhide__ = True
    conceal_all(options)
    has_listener(on_event)
    return LoginAttempt(_native.start_login(login_options("start_login", options)), on_event)


class LoginAttempt(AttemptBase):
    """A login in progress, as :class:`libatmn.LoginAttempt`; its context manager is asynchronous."""

    def _guard(self, on_event: Optional[OnEvent]) -> AsyncGuard:
        return AsyncGuard(on_event)

    async def wait(self) -> LoginResult:
        """Wait until the login has ended, as :meth:`libatmn.LoginAttempt.wait`. The first call opens the browser."""
        __tracebackhide__ = True
        self._listener.check()
        return await wait_on_loop(self._started(), self._listener.on_event)

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
            await leave(self._call, error)


async def complete_login(
    text: str, *, on_event: Optional[OnEvent] = None, login_timeout: Optional[float] = None
) -> LoginResult:
    """Finish a login that :func:`libatmn.begin_login` began, as :func:`libatmn.complete_login`."""
    __tracebackhide__ = True
    text, login_timeout = conceal(text), conceal(login_timeout)
    has_listener(on_event)
    return await wait_on_loop(complete_login_call(text, login_timeout), on_event)


async def begin_login(**options: Unpack[BeginLoginOptions]) -> Union[PendingLogin, LoginResult]:
    """Make the URL for a login that :func:`complete_login` finishes, as :func:`libatmn.begin_login`."""
    __tracebackhide__ = True
    conceal_all(options)
    return await wait_on_loop(begin_login_call(options), None)


async def resolve_key(
    *,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[StrPath] = None,
    boundary: Optional[StrPath] = None,
) -> ResolvedKey:
    """Find the active key, as :func:`libatmn.resolve_key`, which can wait two seconds for a key file that is a FIFO."""
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return await wait_on_loop(_native.resolve_key_call(options), None)


async def find_key(
    *,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[StrPath] = None,
    boundary: Optional[StrPath] = None,
) -> Optional[ResolvedKey]:
    """Find the active key, or nothing, as :func:`libatmn.find_key`, which can wait as :func:`resolve_key` can."""
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    found = await wait_on_loop(_native.find_key_call(options), None)
    return found[0] if found else None


async def explain_key(
    *,
    key: Union[ApiKey, str, None] = None,
    environment: Optional[Environment] = None,
    directory: Optional[StrPath] = None,
    boundary: Optional[StrPath] = None,
) -> tuple[Location, ...]:
    """List every location that :func:`resolve_key` would search, as :func:`libatmn.explain_key`."""
    __tracebackhide__ = True
    key, environment, directory, boundary = conceal(key), conceal(environment), conceal(directory), conceal(boundary)
    options = _resolve_options(key=key, environment=environment, directory=directory, boundary=boundary)
    return await wait_on_loop(_native.explain_key_call(options), None)


def _resolve_options(**options: Unpack[ResolveOptions]) -> _native.ResolveOptions:
    __tracebackhide__ = True
    return _native.resolve_options(host_for_resolution(), **native(options))


async def save_keys(
    keys: Iterable[Union[ApiKey, str]],
    *,
    directory: Optional[StrPath] = None,
    file: Optional[EnvFile] = None,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
) -> SaveResult:
    """Save keys in ``.env``, as :func:`libatmn.save_keys`, which can wait for git, and for another program's lock.

    Cancelling the task ends these waits, and nothing is saved. If the file is being written, it waits for that.
    """
    __tracebackhide__ = True
    keys, directory, file, gitignore = conceal(keys), conceal(directory), conceal(file), conceal(gitignore)
    allow_tracked = conceal(allow_tracked)
    call = save_keys_call(keys, directory=directory, file=file, allow_tracked=allow_tracked, gitignore=gitignore)
    return await wait_on_loop(call, None)


async def logout(
    *,
    directory: Optional[StrPath] = None,
    file: Optional[EnvFile] = None,
    environment: Optional[Environment] = None,
    server: Optional[str] = None,
) -> LogoutResult:
    """Remove the keys, as :func:`libatmn.logout`, which can wait for git and for another program's lock."""
    __tracebackhide__ = True
    directory, file, environment, server = conceal(directory), conceal(file), conceal(environment), conceal(server)
    return await wait_on_loop(logout_call(directory, file, environment, server), None)


async def diagnose(**options: Unpack[DiagnoseOptions]) -> Diagnosis:
    """Check what a login and a call need on this machine, as :func:`libatmn.diagnose`."""
    __tracebackhide__ = True
    conceal_all(options)
    return await wait_on_loop(diagnose_call(options), None)


async def whoami(**options: Unpack[WhoamiOptions]) -> Identity:
    """Find the active key and request its organization from the server, as :func:`libatmn.whoami`."""
    __tracebackhide__ = True
    conceal_all(options)
    return await wait_on_loop(whoami_call(options), None)


class Client(ClientBase):
    """Calls one server with the active key, as :class:`libatmn.Client`; its context manager is asynchronous.

    Tasks may share a client. At most 100 of its calls run at once on a loop, because each has a thread; further ones
    wait for their turn.
    """

    def _guard(self, on_event: Optional[OnEvent]) -> AsyncGuard:
        return AsyncGuard(on_event)

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
        __tracebackhide__ = True
        method, path = conceal(method), conceal(path)
        conceal_all(options)
        async with self._turns():
            return await wait_on_loop(self._request(method, path, options), self._listener.on_event)

    async def reauthenticate(self, rejected: Union[ApiKey, str]) -> ResolvedKey:
        """Return a key that replaces a rejected one, as :meth:`libatmn.Client.reauthenticate`."""
        __tracebackhide__ = True
        rejected = conceal(rejected)
        return await wait_on_loop(self._reauthenticate(rejected), self._listener.on_event)

    @cached_property
    def _turns_of_loops(self) -> WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]:
        return WeakKeyDictionary()

    def _turns(self) -> asyncio.Semaphore:
        """Return what limits the calls that run at once on this loop."""
        turns = asyncio.Semaphore(_native.CONCURRENT_CALLS)
        return self._turns_of_loops.setdefault(asyncio.get_running_loop(), turns)


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
    __tracebackhide__ = True
    accepts = conceal(accepts)
    concealed, request = _native.conceal(request), {}
    has_listener(on_event)
    check_verify(verify)
    incoming = Incoming.read(concealed)
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
            await deliver(event, on_event)
        raise
