"""The end of a program whose threads wait for calls: it must not crash, and must not hang."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FOLDER = os.path.dirname(__file__)
EXITS = 50

# What a daemon thread does while the program ends. `waiting` is set once it is on its way.
WAITS = {
    "attempt": """
attempt = libatmn.start_login(open_browser=False, on_event=ready)
attempt.wait()
""",
    "poll": """
attempt = libatmn.start_login(open_browser=False, on_event=ready)
while True:
    attempt.poll(0.001)
""",
    "request": """
client = libatmn.Client(key=KEY, server=SILENT)
waiting.set()
client.request("GET", "/v1/customers")
""",
    "whoami": """
waiting.set()
libatmn.whoami(key=KEY, server=SILENT)
""",
    "aio": """
async def main():
    waiting.set()
    await aio.whoami(key=KEY, server=SILENT)
asyncio.run(main())
""",
    "resolve": """
waiting.set()
while True:
    libatmn.resolve_key(key=KEY)
""",
    "errors": """
waiting.set()
while True:
    try:
        libatmn.resolve_key(key="wrong")
    except libatmn.AtmnError as error:
        assert error.hint
""",
    "failures": """
waiting.set()
while True:
    try:
        libatmn.whoami(key=KEY, server=CLOSED)
    except libatmn.RequestError as error:
        assert error.code
""",
    "host": """
waiting.set()
while True:
    libatmn.Client(key=KEY)
""",
    "save": """
waiting.set()
while True:
    libatmn.save_keys([KEY], directory=DIRECTORY)
""",
}

EXIT = """
import asyncio, sys, threading
import libatmn
from libatmn import aio

SILENT, CLOSED, KEY, DIRECTORY = sys.argv[1:]
waiting = threading.Event()

def ready(event):
    waiting.set()

def work():
    {}

for _ in range({}):
    threading.Thread(target=work, daemon=True).start()
waiting.wait()
"""


@pytest.fixture
def silent() -> Generator[str]:
    """Yield the URL of a server that accepts connections and never answers."""
    with silent_server() as url:
        yield url


@contextmanager
def silent_server() -> Generator[str]:
    """Listen on a free port; the system accepts the connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a program that uses the installed package."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, *arguments]
    environment = {**os.environ, "PYTHONPATH": FOLDER, "PYTHONFAULTHANDLER": ""}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.parametrize("kind", WAITS)
def test_programs_with_waiting_daemon_threads_exit_cleanly(kind: str, silent: str, project: Path) -> None:
    # Five callback ports are enough for one attempt of each of two programs at once.
    threads = 1 if kind in {"attempt", "poll"} else 4
    script = EXIT.format(WAITS[kind].replace("\n", "\n    "), threads)

    def run(number: int) -> tuple[int, str]:
        directory = project / str(number)
        directory.mkdir()
        with python(script, silent, "http://127.0.0.1:1", SANDBOX, str(directory)) as process:
            _, err = process.communicate(timeout=60)
        return process.returncode, err

    with ThreadPoolExecutor(2) as pool:
        exits = list(pool.map(run, range(EXITS)))
    assert [(code, err) for code, err in exits if code != 0] == []
