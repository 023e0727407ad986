"""Lines that the user pastes in a terminal while a login waits."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, Callable, Optional, TextIO

from libatmn import _native
from libatmn._errors import InvalidArgument
from libatmn._interrupt import Interruptible
from libatmn._wait import leave, poll

if TYPE_CHECKING:
    import asyncio

    from libatmn._native import Attempt, Call, LoginResult
    from libatmn._types import OnEvent

if sys.platform != "win32":
    import termios

# Seconds after which echo is turned off again; a shell may have turned it on after Ctrl-Z.
HIDE_INTERVAL = 0.5


def check_input(stream: TextIO) -> None:
    """Refuse what is not an open stream with a descriptor."""
    if not callable(getattr(stream, "fileno", None)) or not callable(getattr(stream, "readline", None)):
        raise TypeError(f"input must be a text stream such as sys.stdin, not {type(stream).__name__}")
    if getattr(stream, "closed", False):
        raise _unusable("`input` is closed.")
    if sys.platform == "win32":  # where a thread reads the stream itself
        return
    try:
        os.fstat(stream.fileno())
    except (OSError, ValueError) as error:  # `io.UnsupportedOperation` is both
        raise _unusable("`input` has no open file descriptor.") from error


def _unusable(message: str) -> InvalidArgument:
    hint = "Pass `sys.stdin`, or a text stream of an open terminal, pipe or file."
    return InvalidArgument("invalid_argument", message, hint=hint, context={"option": "input"})


def wait_with_input(attempt: Attempt, on_event: Optional[OnEvent], stream: TextIO) -> LoginResult:
    """Wait until the login has ended, and submit the lines of the stream."""
    __tracebackhide__ = True
    with reading(stream, attempt.submit_line) as lines:
        call = attempt.begin(on_event is not None)
        try:
            with Interruptible(call):
                return _result(call, on_event, lines)
        except BaseException as error:
            leave(call, error)
            raise


def _result(call: Call[LoginResult], on_event: Optional[OnEvent], lines: Lines) -> LoginResult:
    __tracebackhide__ = True
    while True:
        result = poll(call, on_event, 0.0)
        if result is not None:
            return result
        lines.wait(call.fileno())


@contextmanager
def reading(stream: TextIO, submit: Callable[[str], bool]) -> Generator[Lines]:
    """Read lines in a block. Afterwards the terminal is as it was found."""
    lines = _LinesOfThread(stream, submit) if sys.platform == "win32" else Lines(stream.fileno(), submit)
    lines.hide()
    try:
        yield lines
    finally:
        lines.close()


class Lines:
    """Reads whole lines from a descriptor and no further, so that the rest is left to the program."""

    def __init__(self, descriptor: int, submit: Callable[[str], bool]) -> None:
        """Read nothing yet."""
        self._descriptor = descriptor
        self._submit = submit
        self._line = b""
        self._ended = False
        self._original = self._modes()

    def wait(self, call: int) -> None:
        """Wait until a call or a line is ready, and read the line. It may return earlier."""
        self.hide()
        wanted = [call, self._descriptor] if self._is_readable_here() else [call]
        if self._descriptor in _ready(wanted, HIDE_INTERVAL):
            self.read()

    def read(self) -> None:
        """Read what there is, up to the end of a line. The descriptor must be readable."""
        if not self._is_readable_here():
            return
        try:
            # A terminal returns one line at most. A pipe returns what follows it, too.
            chunk = os.read(self._descriptor, 4096 if self._original else 1)
        except BlockingIOError:  # another process has read it
            return
        except OSError:  # the terminal has gone
            self._ended = True
            return
        self._line += chunk
        # Ctrl-D in a terminal is an end, too, and more may follow.
        self._ended = not chunk and self._original is None
        if self._line and (not chunk or self._line.endswith((b"\n", b"\r"))):
            line, self._line = self._line, b""
            # Once a line is accepted, the rest is the program's.
            self._ended = self._submit(line.decode("utf-8", "replace")) or self._ended

    @contextmanager
    def on_loop(self, loop: asyncio.AbstractEventLoop) -> Generator[None]:
        """Read on an event loop in a block."""
        # A loop watches a descriptor once, and the program may watch it too.
        try:
            duplicate = os.dup(self._descriptor)
        except OSError as error:
            raise _native.system_limit("Could not watch the input", error.errno or 0) from error
        timer: Optional[asyncio.TimerHandle] = None

        def hide() -> None:
            nonlocal timer
            self.hide()
            timer = loop.call_later(HIDE_INTERVAL, hide)

        def read() -> None:
            self.read()
            if self._ended:
                loop.remove_reader(duplicate)

        hide()
        try:
            loop.add_reader(duplicate, read)
        except PermissionError:  # a file, which is always readable
            while not self._ended:
                self.read()
        try:
            yield
        finally:
            loop.remove_reader(duplicate)
            os.close(duplicate)
            if timer is not None:
                timer.cancel()

    def hide(self) -> None:
        """Turn off echo, since the callback URL contains a code. Ctrl-C and Ctrl-Z work as before."""
        modes = self._modes()
        if modes is not None and modes[3] & termios.ECHO and self._is_in_foreground():
            modes[3] &= ~termios.ECHO
            self._set(modes)

    def close(self) -> None:
        """Leave the terminal as it was found."""
        if self._original is not None and self._is_in_foreground():
            self._set(self._original)

    def _is_readable_here(self) -> bool:
        """Whether there may be lines, and reading them does not stop this process."""
        return not self._ended and self._is_in_foreground()

    def _is_in_foreground(self) -> bool:
        """Whether using the terminal does not stop this process: it would in the background."""
        if self._original is None:
            return True
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False

    def _modes(self) -> Optional[list[Any]]:
        try:
            return termios.tcgetattr(self._descriptor)
        except termios.error:  # no terminal
            return None

    def _set(self, modes: list[Any]) -> None:
        try:
            termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)
        except termios.error:  # the terminal has gone
            self._ended = True


class _LinesOfThread(Lines):
    """Windows cannot wait for a line of a console, so a thread reads until the stream or the process ends."""

    def __init__(self, stream: TextIO, submit: Callable[[str], bool]) -> None:
        self._closed = False
        Thread(target=self._run, args=(stream, submit), name="libatmn input", daemon=True).start()

    def _run(self, stream: TextIO, submit: Callable[[str], bool]) -> None:
        for line in iter(stream.readline, ""):
            if self._closed or submit(line):
                return

    def wait(self, call: int) -> None:
        _ready([call], HIDE_INTERVAL)

    @contextmanager
    def on_loop(self, loop: asyncio.AbstractEventLoop) -> Generator[None]:  # noqa: ARG002 - the thread needs no loop
        yield

    def hide(self) -> None:
        """Do nothing: the console shows the text."""

    def close(self) -> None:
        self._closed = True


def _ready(descriptors: list[int], timeout: float) -> list[int]:
    """Return those that are readable, after at most ``timeout`` seconds. Looked up at each call, as in ``_wait``."""
    make = getattr(select, "poll", None)
    if make is None:
        return list(select.select(descriptors, [], [], timeout)[0])
    poller = make()
    for descriptor in descriptors:
        poller.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poller.poll(timeout * 1000)]
