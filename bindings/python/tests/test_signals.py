"""Signals: the threads of the native half take none of the program's."""

from __future__ import annotations

import signal
import socket
import stat
import sys
from typing import TYPE_CHECKING

from conftest import SANDBOX
from program import python
from test_exit import end

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from autumn import Autumn

# The signals that report a fault of the thread itself stay as they are.
FAULTS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS}

MASKS = """
import os, signal, sys
import libatmn

attempt = libatmn.start_login(open_browser=False, force=True)
attempt.poll(0)
client = libatmn.Client(key=sys.argv[1], server=sys.argv[2])
call = client._request("GET", "/v1/customers", {})
for thread in os.listdir("/proc/self/task"):
    if int(thread) != os.getpid():
        with open(f"/proc/self/task/{thread}/status") as status:
            print(next(line.split()[1] for line in status if line.startswith("SigBlk")))
call.cancel()
"""


def test_native_threads_block_all_signals(autumn: Autumn) -> None:
    assert autumn.url
    # The system accepts the connection, and no response comes.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, out, err = end(python(MASKS, SANDBOX, f"http://127.0.0.1:{silent.getsockname()[1]}"))
    assert (code, err) == (0, "")
    masks = [int(line, 16) for line in out.split()]
    assert len(masks) >= 3, "the attempt, its waiting call, and the request"
    wanted = {number for number in signal.valid_signals() if number < 32} - FAULTS - {signal.SIGKILL, signal.SIGSTOP}
    for mask in masks:
        assert {number for number in wanted if not mask & (1 << (number - 1))} == set()


BLOCKED = """
import os, signal
import libatmn

attempt = libatmn.start_login(open_browser=False, force=True)
attempt.poll(0)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.kill(os.getpid(), signal.SIGTERM)
print(signal.sigwait({signal.SIGTERM}).name)
"""


def test_a_blocked_signal_waits_for_the_program(autumn: Autumn) -> None:
    assert autumn.url
    assert end(python(BLOCKED)) == (0, "SIGTERM\n", "")


# Not a shell script, since shells change the mask of what they start.
BROWSER = f"""#!{sys.executable}
import os, signal
masks = os.environ["MASKS"]
with open(masks + ".new", "w") as file:
    print(*map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])), file=file)
os.rename(masks + ".new", masks)
"""
OPENS_BROWSER = """
import os, signal, time
import libatmn

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
attempt = libatmn.start_login(force=True)
while not os.path.exists(os.environ["MASKS"]):
    attempt.poll(0.01)
attempt.cancel()
"""


def test_children_have_the_mask_of_the_program(autumn: Autumn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert autumn.url
    browser, masks = tmp_path / "browser", tmp_path / "masks"
    browser.write_text(BROWSER)
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("MASKS", str(masks))
    assert end(python(OPENS_BROWSER)) == (0, "", "")
    blocked = set(map(int, masks.read_text().split()))
    # SIGPIPE may be blocked, since a connection of the library may have raised it.
    assert blocked - {signal.SIGPIPE} == {signal.SIGUSR2}
