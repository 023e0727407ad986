"""A program that runs in a terminal, which a user types into."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

from autumn import HANG

if TYPE_CHECKING:
    from collections.abc import Sequence


class Terminal:
    """A program whose standard streams are a terminal."""

    def __init__(self, *command: str) -> None:
        """Start the program."""
        self.shown = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            with suppress(BaseException):
                # As from a shell; the tests may have inherited others.
                for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_DFL)
                os.execvp(command[0], command)
            os._exit(126)

    @classmethod
    def python(cls, script: str, *arguments: str) -> Terminal:
        """Start a Python program."""
        return cls(sys.executable, "-c", script, *arguments)

    def until(self, *texts: str) -> str:
        """Wait until the program has shown one of the texts; return all that it has shown."""
        while not any(text in self.shown for text in texts):
            assert self._read(), f"the program ended without {texts}: {self.shown}"
        return self.shown

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.master, text.encode())

    def echoes(self) -> bool:
        """Whether the terminal shows what the user types."""
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self) -> int:
        """Wait until the program has ended; return its exit code, negative for a signal."""
        while self._read():
            pass
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        assert select.select([self.master], [], [], HANG)[0], self.shown
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # the program has closed the terminal
            chunk = b""
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)


def shown_url(lines: Sequence[str]) -> str:
    """Return the login URL among lines."""
    return next(word for line in lines for word in line.split() if "/oauth2/authorize?" in word)
