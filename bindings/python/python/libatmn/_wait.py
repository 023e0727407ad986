"""Waiting for a call that runs on a worker thread of the native half.

A thread waits here, in ``select``, and not in native code: Python ends daemon threads at exit, which only its own code
survives. Signals interrupt the wait, and gevent and eventlet replace it with their own.
"""

from __future__ import annotations

import select
from inspect import isawaitable, iscoroutinefunction
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Optional, TypeVar

from libatmn._errors import InvalidArgument
from libatmn._interrupt import interruptible

if TYPE_CHECKING:
    from libatmn._native import Call, Event
    from libatmn._types import OnEvent

_T = TypeVar("_T")

# The longest single wait; `poll` of the system takes no more milliseconds than an `int` holds.
LONGEST = 1_000_000.0


def has_listener(on_event: object) -> bool:
    """Return whether there is a listener; refuse one that cannot be called before anything begins."""
    if on_event is not None and not callable(on_event):
        raise TypeError(f"on_event must be callable, not {type(on_event).__name__}")
    return on_event is not None


def has_blocking_listener(on_event: object) -> bool:
    """Return whether there is a listener; refuse a coroutine function, which a blocking call cannot await."""
    if iscoroutinefunction(on_event) or iscoroutinefunction(getattr(on_event, "__call__", None)):  # noqa: B004
        raise TypeError("on_event must not be a coroutine function; libatmn.aio awaits those")
    return has_listener(on_event)


def seconds(timeout: float) -> float:
    """Return a time limit that the system can wait for; refuse what is not a number of seconds from 0 on."""
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"timeout must be a number of seconds, not {type(timeout).__name__}")
    if not timeout >= 0:
        message = "`timeout` must be a number of seconds, 0 or more."
        raise InvalidArgument("invalid_argument", message, context={"option": "timeout"})
    return min(timeout, LONGEST)


def wait(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    """Wait until the call has ended."""
    __tracebackhide__ = True
    while True:
        result = poll(call, on_event, LONGEST)
        if result is not None:
            return result


def poll(call: Call[_T], on_event: Optional[OnEvent], timeout: float) -> Optional[_T]:
    """Wait for at most ``timeout`` seconds. Any exception ends the call before it propagates."""
    __tracebackhide__ = True
    until = monotonic() + timeout
    try:
        with interruptible(call):
            while True:
                for event in call.take_events():
                    if on_event is not None:
                        _deliver(event, on_event)
                result = call.take_result()
                left = until - monotonic()
                if result is not None or left <= 0.0:
                    return result
                wait_readable(call.fileno(), left)
    except BaseException:
        leave(call)
        raise


def leave(call: Call[object]) -> None:
    """Cancel the call and wait until what it held, such as a port, is free, even if Ctrl-C is pressed again."""
    interrupted: Optional[BaseException] = None
    call.cancel()
    while not call.ended:
        try:
            wait_readable(call.fileno(), LONGEST)
            call.take_events()
        except KeyboardInterrupt as error:  # noqa: PERF203 - Ctrl-C must not end the loop
            interrupted = error
    if interrupted is not None:
        raise interrupted


def wait_readable(descriptor: int, timeout: float) -> None:
    """Wait until the descriptor is readable, or for at most ``timeout`` seconds."""
    timeout = min(timeout, LONGEST)
    # Looked up at each call, since gevent replaces both, and eventlet removes one. `select` takes no descriptor over
    # 1023, but Windows has no `poll`.
    make = getattr(select, "poll", None)
    if make is None:
        select.select([descriptor], [], [], timeout)
    else:
        poll = make()
        poll.register(descriptor, select.POLLIN)
        poll.poll(ceil(timeout * 1000))


def close(awaitable: object) -> None:
    """Close a coroutine that is never awaited, so that Python does not warn about it."""
    close_coroutine = getattr(awaitable, "close", None)
    if callable(close_coroutine):
        close_coroutine()


def _deliver(event: Event, on_event: OnEvent) -> None:
    __tracebackhide__ = True
    answer = on_event(event)
    if isawaitable(answer):
        close(answer)
        raise TypeError("on_event returned an awaitable; libatmn.aio awaits those")
