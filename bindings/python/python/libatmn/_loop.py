"""Waits on an event loop for a call that runs on a thread of the native half."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import sys
from collections import deque
from collections.abc import Generator
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar, Union

from libatmn import _native
from libatmn._errors import AtmnError
from libatmn._interrupt import Interruptible
from libatmn._listener import Guard
from libatmn._wait import LONGEST, add_cause, failure, refuse_generator, wait_readable

if TYPE_CHECKING:
    from libatmn._native import Call, Event
    from libatmn._types import OnEvent

_T = TypeVar("_T")


async def wait_on_loop(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    """Wait until the call has ended, without blocking the event loop."""
    __tracebackhide__ = True
    waiting = _Wait(call, on_event)
    try:
        with Interruptible(call):
            return await waiting.result()
    except GeneratorExit:  # the coroutine is closed, and must not wait
        call.cancel()
        raise
    except BaseException as error:
        cancelled = await leave(call, error)
        add_cause(error, waiting.outcome)
        if cancelled and not isinstance(error, asyncio.CancelledError):
            raise asyncio.CancelledError from error
        raise


class _Wait(Generic[_T]):
    """A wait for a call, which goes on while the listener handles an event."""

    def __init__(self, call: Call[_T], on_event: Optional[OnEvent]) -> None:
        self._call = call
        self._on_event = on_event
        self._events = deque["Event"]()
        self.outcome: Union[_T, AtmnError, None] = None
        # When the loop's clock ends the wait for the listener, once there is an outcome.
        self._until = 0.0

    async def result(self) -> _T:
        __tracebackhide__ = True
        while True:
            self._fetch()
            while self._events:
                await self._deliver(self._events.popleft())
            if isinstance(self.outcome, AtmnError):
                raise self.outcome
            if self.outcome is not None:
                return self.outcome
            if not self._call.ended:
                await _readable(self._call)

    def _fetch(self) -> None:
        self._events.extend(self._call.take_events())
        if self.outcome is not None:
            return
        try:
            self.outcome = self._call.take_result()
        except AtmnError as error:
            self.outcome = error
        if self.outcome is not None:
            self._until = asyncio.get_running_loop().time() + min(self._call.login_timeout, LONGEST)

    async def _deliver(self, event: Event) -> None:
        """Pass an event to the listener, and wait for it."""
        __tracebackhide__ = True
        answer = None if self._on_event is None else self._on_event(event)
        if inspect.isawaitable(answer):
            await self._finish(asyncio.ensure_future(answer))
        else:
            refuse_generator(answer)
        self._call.release(event)

    async def _finish(self, handling: asyncio.Future[Any]) -> None:
        """Wait until the listener has returned, but not without limit: it gets no more events if its time is up."""
        __tracebackhide__ = True
        try:
            await asyncio.sleep(0)  # is enough for a listener that does not wait
            while not handling.done() and not self._is_over():
                # The login must not wait for a listener that may be waiting for the end of the login.
                for event in self._events:
                    self._call.release(event)
                await self._next(handling)
            if handling.done():
                handling.result()
            else:
                self._events.clear()
        finally:
            await _end(handling)

    def _is_over(self) -> bool:
        """Whether a listener that still runs is ended."""
        if isinstance(self.outcome, AtmnError) and self.outcome.code in ("cancelled", "timed_out"):
            return True
        return self.outcome is not None and asyncio.get_running_loop().time() >= self._until

    async def _next(self, handling: asyncio.Future[Any]) -> None:
        """Wait until the listener has returned, its time is up, or the call has something to fetch."""
        if self.outcome is not None:
            await asyncio.wait({handling}, timeout=self._until - asyncio.get_running_loop().time())
            return
        ready = asyncio.ensure_future(_readable(self._call))
        try:
            await asyncio.wait({handling, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(ready)
        if not ready.cancelled():
            ready.result()
            self._fetch()


async def _end(task: asyncio.Future[Any]) -> None:
    """Cancel a task, and wait until it has ended."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # otherwise asyncio logs it


class _Handling:
    """An event that a listener handles, for the code that the listener runs."""

    def __init__(self, guard: AsyncGuard, outer: Optional[_Handling]) -> None:
        self.guard = guard
        self.outer = outer
        self.is_running = True


_handling: ContextVar[Optional[_Handling]] = ContextVar("libatmn_handling", default=None)


class AsyncGuard(Guard):
    """A listener, and the tasks that are in it, with those that they have made."""

    def _is_inside(self) -> bool:
        handling = _handling.get()
        while handling is not None:
            if handling.guard is self and handling.is_running:
                return True
            handling = handling.outer
        return False

    async def _deliver(self, event: Event) -> None:
        """Pass an event to the listener, in a task that ends with it."""
        handling = _Handling(self, _handling.get())
        _handling.set(handling)
        try:
            await settle(self._call(event))
        finally:
            handling.is_running = False


async def deliver(event: Event, on_event: OnEvent) -> None:
    """Pass an event to a listener, which may be a coroutine function."""
    await settle(on_event(event))


async def settle(answer: object) -> None:
    """Await what a listener returned, if that is needed."""
    if inspect.isawaitable(answer):
        await answer
    else:
        refuse_generator(answer)


async def leave(call: Call[Any], error: Optional[BaseException]) -> bool:
    """Cancel the call and wait until what it held, such as a port, is free; return whether the task was cancelled.

    The exception that ended the call then tells whether there may be new keys.
    """
    cancelled = False
    call.cancel()
    while not call.ended:
        try:
            await _readable(call)
        except asyncio.CancelledError:
            cancelled = True
        except AtmnError:  # there is no descriptor left to watch
            await asyncio.sleep(0.01)
        call.take_events()
    add_cause(error, failure(call))
    return cancelled


async def _readable(call: Call[Any]) -> None:
    """Wait until the call has something to fetch. The worker makes its descriptor readable, and the loop watches it."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    # A loop watches a descriptor once, and several tasks may wait for the same call.
    with _duplicate(call.fileno()) as descriptor:
        try:
            loop.add_reader(descriptor, _set, ready)
        except NotImplementedError:  # the loop of Windows, whose descriptors are sockets
            await _readable_on_thread(loop, call, ready)
            return
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)


async def _readable_on_thread(loop: asyncio.AbstractEventLoop, call: Call[Any], ready: asyncio.Future[None]) -> None:
    def watch() -> None:
        # The descriptor stays open as long as this function holds the call.
        wait_readable(call.fileno(), LONGEST)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_set, ready)

    # A daemon, so that a program can end without this call.
    Thread(target=watch, name="libatmn", daemon=True).start()
    await ready


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


@contextlib.contextmanager
def _duplicate(descriptor: int) -> Generator[int]:
    if sys.platform == "win32":
        yield descriptor
        return
    try:
        duplicate = os.dup(descriptor)
    except OSError as error:
        raise _native.system_limit("Could not watch a call", error.errno or 0) from error
    try:
        yield duplicate
    finally:
        os.close(duplicate)
