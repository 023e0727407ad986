"""Signals and forks, each in a new process."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from autumn import HANG, PORTS, Autumn, free
from program import interrupt, python

if TYPE_CHECKING:
    from pathlib import Path


WAITS = {
    "login": "libatmn.login(on_event=ready, open_browser=False)",
    "attempt": "libatmn.start_login(on_event=ready, open_browser=False).wait()",
    "poll": "libatmn.start_login(on_event=ready, open_browser=False).poll(60)",
    "with": """
with libatmn.start_login(on_event=ready, open_browser=False) as attempt:
    attempt.wait()
""",
    "request": "libatmn.Client(reauth='always', on_event=ready, open_browser=False).request('GET', '/v1/customers')",
    "aio": "asyncio.run(aio.login(on_event=ready, open_browser=False))",
}

SCRIPT = """
import asyncio, signal, sys
# A test run in the background ignores SIGINT, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
import libatmn
from libatmn import aio
from autumn import PORTS, free

def ready(event):
    if event.code == "login_url":
        print("ready", flush=True)

try:
    {}
except KeyboardInterrupt:
    print("interrupted, ports free:", all(free(port) for port in PORTS))
    sys.exit(130)
"""


@pytest.mark.parametrize("kind", WAITS)
def test_ctrl_c_ends_every_wait_and_frees_the_port(kind: str, autumn: Autumn, project: Path) -> None:
    # The server does not know this key, so a request leads to a login.
    (project / ".env").write_text("AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\n")
    before = (project / ".env").read_bytes()
    assert autumn.url
    with python(SCRIPT.format(WAITS[kind].replace("\n", "\n    "))) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        interrupt(process)
        out, err = process.communicate(timeout=HANG)
    assert (out, process.returncode) == ("interrupted, ports free: True\n", 130), err
    assert (project / ".env").read_bytes() == before


def test_ctrl_c_ends_a_hanging_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = python(SCRIPT.format(f"libatmn.whoami(key='am_sk_test_0123456789ab', server='{url}')"))
        connection, _ = silent.accept()
        interrupt(process)
        out, err = process.communicate(timeout=HANG)
        connection.close()
    assert (out, process.returncode) == ("interrupted, ports free: True\n", 130), err


def test_program_ends_without_waiting_for_its_login(autumn: Autumn) -> None:
    assert autumn.url
    script = "import libatmn; attempt = libatmn.start_login(open_browser=False); attempt.poll(0.1)"
    with python(script) as process:
        assert process.communicate(timeout=HANG) == ("", "")
    assert process.returncode == 0
    assert all(free(port) for port in PORTS)


FORKS = """
import os
import libatmn
from autumn import Autumn

autumn = Autumn(os.environ["ATMN_BACKEND_URL"])

def use_everything():
    done = libatmn.login(on_event=autumn.browser(), open_browser=False, force=True)
    assert libatmn.resolve_key().key.reveal() == done.keys[0].reveal()
    assert libatmn.whoami().organization == done.organization
    assert client.request("GET", "/v1/customers").status == 200

def in_a_child(work):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

client = libatmn.Client()
in_a_child(use_everything)   # before the parent makes a call
use_everything()
in_a_child(use_everything)   # after the parent has made calls
in_a_child(lambda: in_a_child(use_everything))
use_everything()
with libatmn.start_login(open_browser=False, force=True) as attempt:
    attempt.poll(0.1)
    in_a_child(libatmn.explain_key)   # while a call is in progress

def poll_after_fork():
    try:
        with libatmn.start_login(open_browser=False, force=True) as attempt:
            attempt.poll(0.1)
            if os.fork() == 0:
                attempt.poll(1)
            os.wait()
            assert attempt.poll(0.1) is None
    except libatmn.InvalidArgument as error:
        assert "forked" in str(error)
        os._exit(0)

in_a_child(poll_after_fork)
print("done")
"""


def test_forked_children_make_their_own_calls(autumn: Autumn) -> None:
    assert autumn.url
    with python(FORKS) as process:
        out, err = process.communicate(timeout=HANG)
    assert (out, process.returncode) == ("done\n", 0), err


def test_library_prints_nothing_and_sets_no_signal_handler(autumn: Autumn) -> None:
    script = """
import signal, os
import libatmn
from autumn import Autumn
autumn = Autumn(os.environ["ATMN_BACKEND_URL"])
before = [signal.getsignal(number) for number in signal.valid_signals()], dict(os.environ)
libatmn.login(on_event=autumn.browser(), open_browser=False)
libatmn.Client().request("GET", "/v1/customers")
libatmn.logout()
assert before == ([signal.getsignal(number) for number in signal.valid_signals()], dict(os.environ))
"""
    assert autumn.url
    with python(script) as process:
        assert process.communicate(timeout=HANG) == ("", "")
    assert process.returncode == 0
