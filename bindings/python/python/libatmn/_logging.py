"""A listener for the standard library's ``logging``."""

from __future__ import annotations

import logging
from typing import Callable, Optional

from libatmn._native import Event

__all__ = ["logging_listener"]

_WARNINGS = frozenset({"browser_failed", "key_rejected", "request_refused", "retrying"})


def logging_listener(logger: Optional[logging.Logger] = None) -> Callable[[Event], None]:
    """Make a listener that logs each event, to the logger ``libatmn`` by default.

    What a program should look at is a warning, all else is information. The record has the code as ``event`` and the
    context as ``context``. The login URL is for the user alone, so the listener replaces it; show it by other means.

    >>> import logging, libatmn
    >>> log, show = libatmn.logging_listener(logging.getLogger("shop")), libatmn.terminal_listener()
    >>> def on_event(event: libatmn.Event) -> None:
    ...     if event.code == "login_url":
    ...         show(event)
    ...     log(event)
    >>> libatmn.Client(on_event=on_event).request("GET", "/v1/customers").status
    200
    """
    target = logging.getLogger("libatmn") if logger is None else logger
    if not callable(getattr(target, "log", None)):
        raise TypeError(f"logger must be a logging.Logger, not {type(target).__name__}")
    urls: list[str] = []

    def clean(text: str) -> str:
        for url in urls:
            text = text.replace(url, "(login URL)")
        return text

    def listener(event: Event) -> None:
        if event.code == "login_url":
            urls.append(event.context["url"])
        level = logging.WARNING if event.code in _WARNINGS else logging.INFO
        context = {name: clean(value) if isinstance(value, str) else value for name, value in event.context.items()}
        target.log(level, "%s", clean(event.message), extra={"event": event.code, "context": context})

    return listener
