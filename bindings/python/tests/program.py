"""A Python program that uses the installed package, in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from autumn import until

FOLDER = os.path.dirname(__file__)


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a program."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, *arguments]
    environment = {**os.environ, "PYTHONPATH": FOLDER}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C once the main thread of a program waits.

    CPython misses a signal that arrives between its last look for signals and the system call that waits: without
    libatmn, one Ctrl-C of 20,000 did nothing until the event loop woke up for another reason.
    """
    blocked = Path(f"/proc/{process.pid}/wchan")
    until(lambda: any(wait in blocked.read_text() for wait in ("poll", "futex")), "the program waits")
    process.send_signal(signal.SIGINT)
