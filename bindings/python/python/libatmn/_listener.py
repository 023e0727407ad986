"""Listeners that must not wait for the call that they belong to."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Callable, Optional

from libatmn._errors import InvalidArgument

if TYPE_CHECKING:
    from libatmn._native import Event
    from libatmn._types import OnEvent


def has_listener(on_event: object, name: str = "on_event") -> bool:
    """Return whether there is a listener; refuse one that could not run before anything begins."""
    if on_event is not None and not callable(on_event):
        raise TypeError(f"{name} must be callable, not {type(on_event).__name__}")
    if _has(on_event, _is_generator_function) or _has(on_event, inspect.isasyncgenfunction):
        raise TypeError(f"{name} must not be a generator function, which would never run; it must not use `yield`")
    return on_event is not None


def has_blocking_listener(on_event: object, name: str = "on_event") -> bool:
    """Return whether there is a listener; refuse a coroutine function, which a blocking call cannot await."""
    if _has(on_event, inspect.iscoroutinefunction):
        raise TypeError(f"{name} must not be a coroutine function; libatmn.aio awaits those")
    return has_listener(on_event, name)


def _has(on_event: object, kind: Callable[[object], bool]) -> bool:
    """Return whether a listener, or its ``__call__``, is a function of a kind."""
    return kind(on_event) or kind(getattr(on_event, "__call__", None))  # noqa: B004


def _is_generator_function(function: object) -> bool:
    flags: int = getattr(getattr(function, "__code__", None), "co_flags", 0)
    # `types.coroutine` marks a generator that can be awaited.
    return inspect.isgeneratorfunction(function) and not flags & inspect.CO_ITERABLE_COROUTINE


class Guard:
    """A listener, and the threads that are in it."""

    def __init__(self, on_event: Optional[OnEvent]) -> None:
        """Guard a listener; ``on_event`` is what the calls use."""
        self._listener = on_event
        self._inside: list[int] = []
        self.on_event = None if on_event is None else self._deliver

    def check(self) -> None:
        """Refuse a call that the listener itself makes: it would wait for the listener, which waits for the call."""
        __tracebackhide__ = True
        if self._is_inside():
            message = "A listener must not wait for the call that it belongs to."
            hint = "Make the call after the listener has returned, on another thread or task, or with another client."
            raise InvalidArgument("invalid_argument", message, hint=hint, context={"option": "on_event"})

    def _is_inside(self) -> bool:
        return threading.get_ident() in self._inside

    def _deliver(self, event: Event) -> object:
        __tracebackhide__ = True
        caller = threading.get_ident()
        self._inside.append(caller)
        try:
            return self._call(event)
        finally:
            self._inside.remove(caller)

    def _call(self, event: Event) -> object:
        __tracebackhide__ = True
        return None if self._listener is None else self._listener(event)
