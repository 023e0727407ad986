"""Waiting for a call that runs on a worker thread of the native half.

A thread waits here, in ``select``, and not in native code: Python ends daemon threads at exit, which only its own code
survives. Signals interrupt the wait, and gevent and eventlet replace it with their own.

Every program imports this module, so annotations are texts here too; see ``_keys``.
"""

import select
from time import monotonic

from libatmn._errors import AtmnError, InvalidArgument, Optional, again
from libatmn._interrupt import Interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Generator
    from typing import TypeVar

    from libatmn._native import Call, Concealed, Event
    from libatmn._types import OnEvent

    _T = TypeVar("_T")
else:
    from _collections_abc import AsyncGenerator, Awaitable, Generator

# The longest single wait; `poll` of the system takes no more milliseconds than an `int` holds.
LONGEST = 1_000_000.0


def seconds(timeout: "Optional[Concealed[float]]") -> float:
    """Return a time limit that the system can wait for; refuse what is not a number of seconds from 0 on."""
    __tracebackhide__ = True
    kind: type = type(None) if timeout is None else type(timeout.reveal())
    if timeout is None or issubclass(kind, bool) or not issubclass(kind, (int, float)):
        raise TypeError(f"timeout must be a number of seconds, not {kind.__name__}")
    if not timeout.reveal() >= 0:
        message = "`timeout` must be a number of seconds, 0 or more."
        raise InvalidArgument("invalid_argument", message, context={"option": "timeout"})
    return min(timeout.reveal(), LONGEST)


def wait(call: "Call[_T]", on_event: "Optional[OnEvent]") -> "_T":
    """Wait until the call has ended."""
    __tracebackhide__ = True
    while True:
        result = poll(call, on_event, LONGEST)
        if result is not None:
            return result


def poll(call: "Call[_T]", on_event: "Optional[OnEvent]", timeout: float) -> "Optional[_T]":
    """Wait for at most ``timeout`` seconds. Any exception ends the call before it propagates."""
    __tracebackhide__ = True
    until = monotonic() + timeout
    try:
        with Interruptible(call):
            while True:
                for event in call.take_events():
                    if on_event is not None:
                        deliver(event, on_event)
                    call.release(event)
                result = call.take_result()
                left = until - monotonic()
                if result is not None or left <= 0.0:
                    return result
                wait_readable(call.fileno(), left)
    except BaseException as error:
        leave(call, error)
        raise


def leave(call: "Call[object]", error: "Optional[BaseException]") -> None:
    """Cancel the call and wait until what it held, such as a port, is free, even if Ctrl-C is pressed again.

    The exception that ended the call then tells whether there may be new keys.
    """
    interrupted: Optional[BaseException] = None
    call.cancel()
    while not call.ended:
        try:
            wait_readable(call.fileno(), LONGEST)
            call.take_events()
        except KeyboardInterrupt as pressed:  # noqa: PERF203 - Ctrl-C must not end the loop
            interrupted = pressed
    add_cause(interrupted or error, failure(call))
    if interrupted is not None:
        raise interrupted


def failure(call: "Call[object]") -> "Optional[AtmnError]":
    """Return the error of a call that has ended, if it has one that was not fetched."""
    try:
        call.take_events()
        call.take_result()
    except AtmnError as error:
        return error
    return None


def add_cause(error: "Optional[BaseException]", outcome: object) -> None:
    """Let an exception that ended a call tell that the server may have created keys, which are not saved."""
    if error is None or isinstance(error, AtmnError) or error.__cause__ is not None:
        return
    if isinstance(outcome, AtmnError) and "keys_may_exist" in outcome.context:
        # A copy, since the traceback of this one would hold the exception itself.
        error.__cause__ = again(outcome)


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
        poll.poll(-int(-timeout * 1000 // 1))  # rounded up


def close(awaitable: object) -> None:
    """Close a coroutine that is never awaited, so that Python does not warn about it."""
    close_coroutine = getattr(awaitable, "close", None)
    if callable(close_coroutine):
        close_coroutine()


def deliver(event: "Event", on_event: "OnEvent") -> None:
    """Pass an event to a listener, which must have run when it returns."""
    __tracebackhide__ = True
    answer = on_event(event)
    if _is_awaitable(answer):
        close(answer)
        raise TypeError("on_event returned an awaitable; libatmn.aio awaits those")
    refuse_generator(answer)


def _is_awaitable(answer: object) -> bool:
    return isinstance(answer, Awaitable)


def refuse_generator(answer: object) -> None:
    """Refuse what a listener returned if it is a generator, which has not run at all."""
    if isinstance(answer, (Generator, AsyncGenerator)):
        raise TypeError("on_event returned a generator; it must be a function without `yield`")
