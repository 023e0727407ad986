"""Ctrl-C for calls on other threads than the main one.

Python delivers Ctrl-C to the main thread alone. A program that ends because of it then waits for all threads that are
not daemons, such as those of a ``ThreadPoolExecutor``, so their calls are cancelled. A program that ends for any other
reason waits for the results of its calls. Python does not tell a ``sys.exit`` after a caught Ctrl-C from any other.

Every program imports this module, so it does not import ``threading``, and annotations are texts; see ``_keys``.
"""

import sys

from libatmn._errors import AtmnError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from libatmn._native import Call
else:
    Any = object


class _State:
    """What all calls share."""

    # The calls, and the exception that had last ended a command or the main thread when each began.
    running: "dict[object, tuple[Call[object], object]]" = {}  # noqa: RUF012 - it is never replaced
    registered = False
    interrupted = False


class Interruptible:
    """A block in which Ctrl-C ends a call, on any thread."""

    def __init__(self, call: "Call[Any]") -> None:
        """Guard a call."""
        self._call = call

    def __enter__(self) -> None:
        """Begin to listen."""
        # Without this module, no thread is one that the program waits for.
        threading: Any = sys.modules.get("threading")
        if threading is None or threading.current_thread() is threading.main_thread():
            return  # where the wait itself raises KeyboardInterrupt
        _register(threading)
        _State.running[self] = self._call, _last_exception()
        if _State.interrupted:
            self.__exit__()
            raise AtmnError("cancelled", "The call was cancelled.")

    def __exit__(self, *failure: object) -> None:
        """Stop listening."""
        _State.running.pop(self, None)


def _register(threading: "Any") -> None:
    """Register the hook, which must run before ``concurrent.futures`` joins the threads of its pools.

    Hooks run in reverse order. A thread that calls this function belongs to a pool whose hook is already registered.
    """
    # Has no documentation; without it, the program waits for its calls.
    register = getattr(threading, "_register_atexit", None)
    if _State.registered or register is None:
        return
    _State.registered = True
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
    for call, before in list(_State.running.values()):
        if before is not last:
            _State.interrupted = True
            call.cancel()


def _last_exception() -> object:
    return getattr(sys, "last_value", None)
