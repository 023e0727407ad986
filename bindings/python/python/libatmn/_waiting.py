"""How Python waits for a call whose work another thread does: in short steps, so that Ctrl-C gets through."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Optional, TypeVar

if TYPE_CHECKING:
    from libatmn._native import Call
    from libatmn._types import OnEvent

_T = TypeVar("_T")

TICK = 0.05
_FOREVER = float("inf")


def listens(on_event: object) -> bool:
    """Tell whether somebody does; a listener that cannot be called is found before anything begins."""
    if on_event is not None and not callable(on_event):
        raise TypeError(f"on_event must be callable, not {type(on_event).__name__}")
    return on_event is not None


def wait(call: Call[_T], on_event: Optional[OnEvent]) -> _T:
    """Wait until the call has ended."""
    while True:
        result = poll(call, on_event, _FOREVER)
        if result is not None:
            return result


def poll(call: Call[_T], on_event: Optional[OnEvent], timeout: float) -> Optional[_T]:
    """Wait for so many seconds at most; whatever is raised meanwhile ends the call first."""
    until = monotonic() + timeout
    try:
        while True:
            left = max(until - monotonic(), 0.0)
            result = call.step(min(left, TICK), on_event)
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
