"""Waiting for a call that runs on a worker thread, in short steps, so that Ctrl-C gets through."""

from __future__ import annotations

from inspect import isawaitable, iscoroutinefunction
from time import monotonic
from typing import TYPE_CHECKING, Optional, TypeVar

if TYPE_CHECKING:
    from libatmn._native import Call, Event
    from libatmn._types import OnEvent

_T = TypeVar("_T")

TICK = 0.05
_NO_LIMIT = float("inf")


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


def wait(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    """Wait until the call has ended."""
    while True:
        result = poll(call, on_event, _NO_LIMIT)
        if result is not None:
            return result


def poll(call: Call[_T], on_event: Optional[OnEvent], timeout: float) -> Optional[_T]:
    """Wait for at most ``timeout`` seconds. Any exception ends the call before it propagates."""
    until = monotonic() + timeout
    listener = None if on_event is None else _blocking(on_event)
    try:
        while True:
            left = max(until - monotonic(), 0.0)
            result = call.step(min(left, TICK), listener)
            if result is not None or left == 0.0:
                return result
    except BaseException:
        leave(call)
        raise


def leave(call: Call[object]) -> None:
    """Cancel the call and wait until what it held, such as a port, is free."""
    call.cancel()
    while not call.join(TICK):
        pass


def close(awaitable: object) -> None:
    """Close a coroutine that is never awaited, so that Python does not warn about it."""
    close_coroutine = getattr(awaitable, "close", None)
    if callable(close_coroutine):
        close_coroutine()


def _blocking(on_event: OnEvent) -> OnEvent:
    def listener(event: Event) -> None:
        answer = on_event(event)
        if isawaitable(answer):
            close(answer)
            raise TypeError("on_event returned an awaitable; libatmn.aio awaits those")

    return listener
