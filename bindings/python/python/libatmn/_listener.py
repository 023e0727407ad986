"""Listeners that must not wait for the call that they belong to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Optional

from libatmn._errors import InvalidArgument

if TYPE_CHECKING:
    from libatmn._native import Event
    from libatmn._types import OnEvent


class Guard:
    """A listener, and the threads that are in it."""

    def __init__(self, on_event: Optional[OnEvent]) -> None:
        """Guard a listener; ``on_event`` is what the calls use."""
        self._listener = on_event
        self._inside: list[object] = []
        self.on_event = None if on_event is None else self._deliver

    def check(self) -> None:
        """Refuse a call that the listener itself makes: it would wait for the listener, which waits for the call."""
        __tracebackhide__ = True
        if self._inside and self._caller() in self._inside:
            message = "A listener must not wait for the call that it belongs to."
            hint = "Make the call after the listener has returned, on another thread or task, or with another client."
            raise InvalidArgument("invalid_argument", message, hint=hint, context={"option": "on_event"})

    def _caller(self) -> object:
        return threading.get_ident()

    def _deliver(self, event: Event) -> object:
        __tracebackhide__ = True
        caller = self._caller()
        self._inside.append(caller)
        try:
            return self._call(event)
        finally:
            self._inside.remove(caller)

    def _call(self, event: Event) -> object:
        __tracebackhide__ = True
        return None if self._listener is None else self._listener(event)
