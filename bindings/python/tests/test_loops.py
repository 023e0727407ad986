"""trio and gevent, which call the blocking functions on threads, as `docs/python.md` says."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import libatmn
import pytest
from autumn import HANG, PORTS, Autumn, free, until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def slow_server(autumn: Autumn) -> Iterator[None]:
    """A server that answers the second request late."""
    libatmn.login(on_event=autumn.browser(), open_browser=False)
    autumn.control("faults", {"path": "/v1/customers", "fault": "delay", "milliseconds": 20_000})
    yield
    autumn.reset()


def run(script: str) -> str:
    """Run a program in a fresh process; return what it prints."""
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_trio_leaves_a_request_and_cancels_a_login() -> None:
    shown = run("""
import threading
import libatmn, trio

done = threading.Event()

def get():
    try:
        libatmn.Client().request("POST", "/v1/customers", json={}, timeout=1)
    finally:
        done.set()

async def main():
    with trio.move_on_after(0.3) as scope:
        await trio.to_thread.run_sync(get, abandon_on_cancel=True)
    print("left", scope.cancelled_caught)
    ended = trio.Event()
    attempt = libatmn.start_login(open_browser=False, force=True)

    async def wait():
        try:
            await trio.to_thread.run_sync(attempt.wait)
        except libatmn.AtmnError as error:
            print(error.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.sleep(0.1)
        attempt.cancel()
    # The abandoned thread ends at the timeout of its request.
    await trio.to_thread.run_sync(done.wait)

trio.run(main)
""")
    assert shown == "left True\ncancelled\n"
    until(lambda: all(free(port) for port in PORTS), "the port is free")


@pytest.mark.parametrize("patch", ["", "from gevent import monkey; monkey.patch_all()"])
def test_gevent_runs_other_greenlets_and_its_timeout_ends_the_wait(patch: str) -> None:
    shown = run(f"""
{patch}
import gevent, libatmn
threads = gevent.get_hub().threadpool
turns = []

def count():
    while True:
        turns.append(1)
        gevent.sleep(0.01)

counting = gevent.spawn(count)
call = threads.spawn(libatmn.Client().request, "POST", "/v1/customers", json={{}}, timeout=3)
with gevent.Timeout(0.5, False):
    call.get()
    print("not reached")
print(len(turns) > 3)
try:
    call.get()
except libatmn.RequestTimeout as error:
    print(error.code)
""")
    assert shown == "True\nrequest_timed_out\n"
