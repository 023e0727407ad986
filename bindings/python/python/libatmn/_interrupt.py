"""Ctrl-C for calls on other threads than the main one.

Python delivers Ctrl-C to the main thread alone. A program that ends because of it then waits for all threads that are
not daemons, such as those of a ``ThreadPoolExecutor``, so their calls are cancelled. A program that ends for any other
reason waits for the results of its calls. Python does not tell a ``sys.exit`` after a caught Ctrl-C from any other.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from libatmn._errors import AtmnError

if TYPE_CHECKING:
    from collections.abc import Generator

    from libatmn._native import Call

# The calls, and the exception that had last ended a command or the main thread when each began.
_running: dict[object, tuple[Call[object], object]] = {}
_registered = threading.Event()
_interrupted = threading.Event()


@contextmanager
def interruptible(call: Call[object]) -> Generator[None]:
    """Let Ctrl-C end the call, on any thread."""
    if threading.current_thread() is threading.main_thread():
        yield  # where the wait itself raises KeyboardInterrupt
        return
    _register()
    entry = object()
    _running[entry] = call, _last_exception()
    try:
        if _interrupted.is_set():
            raise AtmnError("cancelled", "The call was cancelled.")
        yield
    finally:
        del _running[entry]


def _register() -> None:
    """Register the hook, which must run before ``concurrent.futures`` joins the threads of its pools.

    Hooks run in reverse order. A thread that calls this function belongs to a pool whose hook is already registered.
    """
    # Has no documentation; without it, the program waits for its calls.
    register = getattr(threading, "_register_atexit", None)
    if _registered.is_set() or register is None:
        return
    _registered.set()
    try:
        register(_cancel_running_calls)
    except RuntimeError:  # the program is already ending
        _cancel_running_calls()


def _cancel_running_calls() -> None:
    # Python stores the exception that ended the main thread. An interactive prompt stores that of each command, so one
    # from before the call is no reason.
    last = _last_exception()
    if not isinstance(last, KeyboardInterrupt):
        return
    for call, before in list(_running.values()):
        if before is not last:
            _interrupted.set()
            call.cancel()


def _last_exception() -> object:
    return getattr(sys, "last_value", None)
