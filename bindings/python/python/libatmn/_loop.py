"""Waits on an event loop for a call that runs on a thread of the native half."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import sys
from collections import deque
from collections.abc import Generator
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar, Union

from libatmn import _native
from libatmn._errors import AtmnError, LoginTimeout
from libatmn._interrupt import Interruptible
from libatmn._listener import Guard
from libatmn._wait import LONGEST, refuse_generator, wait_readable

if TYPE_CHECKING:
    from libatmn._native import Call, Event
    from libatmn._types import OnEvent

_T = TypeVar("_T")


async def wait_on_loop(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    """Wait until the call has ended, without blocking the event loop."""
    __tracebackhide__ = True
    try:
        with Interruptible(call):
            return await _Wait(call, on_event).result()
    except GeneratorExit:  # the coroutine is closed, and must not wait
        call.cancel()
        raise
    except BaseException as error:
        if await leave(call) and not isinstance(error, asyncio.CancelledError):
            raise asyncio.CancelledError from error
        raise


class _Wait(Generic[_T]):
    """A wait for a call, which goes on while the listener handles an event."""

    def __init__(self, call: Call[_T], on_event: Optional[OnEvent]) -> None:
        self._call = call
        self._on_event = on_event
        self._events = deque["Event"]()
        self._outcome: Union[_T, AtmnError, None] = None

    async def result(self) -> _T:
        __tracebackhide__ = True
        while True:
            self._fetch()
            while self._events:
                await self._deliver(self._events.popleft())
            if isinstance(self._outcome, AtmnError):
                raise self._outcome
            if self._outcome is not None:
                return self._outcome
            if not self._call.ended:
                await _readable(self._call)

    def _fetch(self) -> None:
        self._events.extend(self._call.take_events())
        if self._outcome is not None:
            return
        try:
            self._outcome = self._call.take_result()
        except AtmnError as error:
            self._outcome = error

    async def _deliver(self, event: Event) -> None:
        """Pass an event to the listener, and wait for it until the time of the login is up."""
        __tracebackhide__ = True
        answer = None if self._on_event is None else self._on_event(event)
        if not inspect.isawaitable(answer):
            return
        handling = asyncio.ensure_future(answer)
        try:
            while not handling.done():
                if isinstance(self._outcome, LoginTimeout):
                    raise self._outcome
                await self._next(handling)
        finally:
            await _end(handling)
        handling.result()

    async def _next(self, handling: asyncio.Future[Any]) -> None:
        """Wait until the listener has returned, or the call has something to fetch."""
        if self._outcome is not None:
            await asyncio.wait({handling})
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


class AsyncGuard(Guard):
    """A listener, and the tasks that are in it."""

    def _caller(self) -> object:
        return asyncio.current_task()

    async def _deliver(self, event: Event) -> None:
        caller = self._caller()
        self._inside.append(caller)
        try:
            await settle(self._call(event))
        finally:
            self._inside.remove(caller)


async def deliver(event: Event, on_event: OnEvent) -> None:
    """Pass an event to a listener, which may be a coroutine function."""
    await settle(on_event(event))


async def settle(answer: object) -> None:
    """Await what a listener returned, if that is needed."""
    if inspect.isawaitable(answer):
        await answer
    else:
        refuse_generator(answer)


async def leave(call: Call[Any]) -> bool:
    """Cancel the call and wait until what it held, such as a port, is free; return whether the task was cancelled."""
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
