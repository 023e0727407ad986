"""The end of a program while threads are in calls: it must not crash, and must not hang."""

from __future__ import annotations

import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from autumn import HANG, PORTS, Autumn, free, until
from conftest import SANDBOX
from program import interrupt, python

if TYPE_CHECKING:
    from pathlib import Path

EXITS = 50

# What daemon threads do while the program ends: wait, run the program's own code, or work without a pause.
PROGRAMS = {
    "waiting": """
def attempt():
    libatmn.start_login(open_browser=False, on_event=ready).wait()

def request():
    libatmn.Client(key=KEY, server=SILENT).request("GET", "/v1/customers")

def whoami():
    libatmn.whoami(key=KEY, server=SILENT)

def on_loop():
    asyncio.run(aio.whoami(key=KEY, server=SILENT))

work = (attempt, request, request, whoami, whoami, on_loop)
""",
    "converting": """
class Endless:
    def __float__(self):
        ready(None)
        while True:
            pass

    __index__ = __iter__ = __fspath__ = __float__

client = libatmn.Client(key=KEY)
work = (
    lambda: libatmn.whoami(key=KEY, timeout=Endless()),
    lambda: libatmn.start_login(login_timeout=Endless()),
    lambda: libatmn.Client(response_limit=Endless()),
    lambda: client.request("POST", "/v1/customers", body=Endless()),
    lambda: client.request("GET", "/v1/customers", query=Endless()),
    lambda: libatmn.save_keys(Endless()),
    lambda: libatmn.resolve_key(directory=Endless()),
)
""",
    "busy": """
def forever(call):
    def run():
        ready(None)
        while True:
            try:
                call()
            except libatmn.AtmnError as error:
                assert error.code
    return run

response = libatmn.Response(200, body=b'{"list": [1, 2, 3]}')
work = [forever(call) for call in (
    lambda: libatmn.resolve_key(key=KEY),
    lambda: libatmn.resolve_key(key="wrong"),
    lambda: libatmn.whoami(key=KEY, server=CLOSED),
    lambda: libatmn.Client(key=KEY, directory=pathlib.Path(DIRECTORY)),
    lambda: libatmn.save_keys([KEY], directory=DIRECTORY),
    lambda: response.json(),
)]
""",
}

EXIT = """
import asyncio, pathlib, sys, threading
import libatmn
from libatmn import aio

SILENT, CLOSED, KEY, DIRECTORY = sys.argv[1:]
begun = threading.Event()

def ready(event):
    begun.set()
{}
for function in work:
    threading.Thread(target=function, daemon=True).start()
begun.wait()
"""


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a program; return its exit code and its output. A program that hangs is ended."""
    with process:
        try:
            out, err = process.communicate(timeout=HANG)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, out, err


@pytest.mark.usefixtures("autumn")
@pytest.mark.parametrize("kind", PROGRAMS)
def test_programs_with_daemon_threads_in_calls_exit_cleanly(kind: str, project: Path) -> None:
    def run(number: int) -> tuple[int, str, str]:
        directory = project / str(number)
        directory.mkdir()
        # The system accepts connections, and no response comes.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            return end(python(EXIT.format(PROGRAMS[kind]), url, "http://127.0.0.1:1", SANDBOX, str(directory)))

    # Two at once, since one processor alone seldom ends a thread in the middle of a call.
    with ThreadPoolExecutor(2) as pool:
        exits = list(pool.map(run, range(EXITS)))
    assert [exited for exited in exits if exited != (0, "", "")] == []


FLASK = """
import logging, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import flask, libatmn

app = flask.Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
client = libatmn.Client(key=sys.argv[2], server=sys.argv[1])

@app.get("/client")
def through_client():
    return client.request("GET", "/v1/customers").json()

@app.get("/whoami")
def through_whoami():
    return libatmn.whoami(key=sys.argv[2], server=sys.argv[1]).organization.slug

app.run(port=int(sys.argv[3]))
"""


@pytest.mark.parametrize("time", range(10))
def test_ctrl_c_ends_flasks_development_server_during_requests(time: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            port = reserved.getsockname()[1]
        process = python(FLASK, f"http://127.0.0.1:{upstream.getsockname()[1]}", SANDBOX, str(port))
        until(lambda: not free(port), "Flask serves")
        browsers = [get(port, path) for path in ("client", "whoami") * 3]
        connections = [upstream.accept()[0] for _ in browsers]
        interrupt(process)
        code, _, err = end(process)
        for connection in (*browsers, *connections):
            connection.close()
    assert code == 0, err


def get(port: int, path: str) -> socket.socket:
    """Send a request without reading the response."""
    browser = socket.create_connection(("127.0.0.1", port))
    browser.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return browser


POOL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from concurrent.futures import ThreadPoolExecutor
import libatmn

client = libatmn.Client(key=sys.argv[2], server=sys.argv[1], timeout=3600)

def call(number):
    client.request("GET", "/v1/customers")

pool = ThreadPoolExecutor(10)
{}
"""
WITHOUT_WITH = "list(pool.map(call, range(30)))"
WITH = """
class Pool(ThreadPoolExecutor):
    def shutdown(self, *arguments, **options):
        # From here on, Ctrl-C ends the `with` block.
        print("interrupted", flush=True)
        super().shutdown(*arguments, **options)

with Pool(10) as pool:
    list(pool.map(call, range(30)))
"""


@pytest.mark.parametrize("statement", [WITHOUT_WITH, WITH])
def test_ctrl_c_ends_the_calls_of_a_thread_pool(statement: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        process = python(POOL.format(statement), f"http://127.0.0.1:{upstream.getsockname()[1]}", SANDBOX)
        connections = [upstream.accept()[0] for _ in range(10)]
        interrupt(process)
        if statement is WITH:
            # The first Ctrl-C leads to the end of the `with` block, which waits for the calls. The second ends that.
            assert process.stdout is not None
            assert process.stdout.readline() == "interrupted\n"
            interrupt(process)
        code, _, err = end(process)
        for connection in connections:
            connection.close()
    assert code == -signal.SIGINT, err


ON_A_LOOP = """
import asyncio, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
from libatmn import aio

client = aio.Client(key=sys.argv[2], server=sys.argv[1], timeout=3600)
thread = threading.Thread(target=lambda: asyncio.run(client.request("GET", "/v1/customers")))
thread.start()
thread.join()
"""
CAUGHT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from concurrent.futures import ThreadPoolExecutor
import libatmn

client = libatmn.Client(key=sys.argv[2], server=sys.argv[1], timeout=3600)
call = ThreadPoolExecutor(1).submit(client.request, "GET", "/v1/customers")
try:
    call.result()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(130)
"""


def test_ctrl_c_ends_the_call_of_a_loop_on_another_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        process = python(ON_A_LOOP, f"http://127.0.0.1:{upstream.getsockname()[1]}", SANDBOX)
        connection, _ = upstream.accept()
        interrupt(process)
        code, _, err = end(process)
        connection.close()
    assert code == -signal.SIGINT, err


def test_a_program_that_catches_ctrl_c_waits_for_its_calls_until_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        process = python(CAUGHT, f"http://127.0.0.1:{upstream.getsockname()[1]}", SANDBOX)
        connection, _ = upstream.accept()
        interrupt(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "interrupted\n"
        interrupt(process)
        code, _, err = end(process)
        connection.close()
    assert code == 130, err


STALE = """
import sys, threading
import libatmn
# What an interactive prompt leaves after Ctrl-C.
sys.last_type, sys.last_value = KeyboardInterrupt, KeyboardInterrupt()
client = libatmn.Client(key=sys.argv[1])

def call():
    print(client.request("GET", "/v1/organization/me").status, flush=True)

threading.Thread(target=call).start()
"""


def test_an_earlier_ctrl_c_cancels_no_call(autumn: Autumn) -> None:
    known = autumn.keys()
    key = next(key["key"] for key in known if key["kind"] == "secret" and not key["revoked"])
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 300})
    assert end(python(STALE, key)) == (0, "200\n", "")


LAST_CALLS = """
import atexit, sys, threading
import libatmn
client = libatmn.Client(key=sys.argv[1])

def call():
    print(client.request("GET", "/v1/organization/me").status, flush=True)

threading.Thread(target=call).start()
atexit.register(call)
"""


def test_calls_of_other_threads_and_of_exit_handlers_outlive_the_main_thread(autumn: Autumn) -> None:
    known = autumn.keys()
    key = next(key["key"] for key in known if key["kind"] == "secret" and not key["revoked"])
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 300})
    assert end(python(LAST_CALLS, key)) == (0, "200\n200\n", "")


LEAVES = {
    "sys.exit": ("libatmn.login(on_event=lambda event: sys.exit(7), open_browser=False)", 7),
    "os._exit": ("libatmn.login(on_event=lambda event: os._exit(8), open_browser=False)", 8),
    "sys.exit on a loop": ("asyncio.run(aio.login(on_event=lambda event: sys.exit(9), open_browser=False))", 9),
    "os._exit on a loop": ("asyncio.run(aio.login(on_event=lambda event: os._exit(10), open_browser=False))", 10),
    "os._exit of another thread": (
        """
ready = threading.Event()
work = lambda: libatmn.login(on_event=lambda event: ready.set(), open_browser=False)
threading.Thread(target=work).start()
ready.wait()
os._exit(11)
""",
        11,
    ),
    "child of a fork": (
        """
ready = threading.Event()
work = lambda: libatmn.login(on_event=lambda event: ready.set(), open_browser=False)
threading.Thread(target=work, daemon=True).start()
ready.wait()
child = os.fork()
if child == 0:
    libatmn.resolve_key(key="am_sk_test_0123456789ab")
    sys.exit(12)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""",
        12,
    ),
}


@pytest.mark.parametrize("kind", LEAVES)
def test_programs_may_end_while_a_login_waits(kind: str, autumn: Autumn) -> None:
    assert autumn.url
    script, code = LEAVES[kind]
    imports = "import asyncio, os, sys, threading, libatmn\nfrom libatmn import aio\n"
    assert end(python(imports + script)) == (code, "", "")
    assert all(free(port) for port in PORTS)


SUBINTERPRETERS = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    create = lambda: interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    create = lambda: interpreters.create(isolated=False)

code = '''
try:
    import libatmn
    try:
        libatmn.ApiKey("wrong")
    except libatmn.AtmnError as error:
        print("works", flush=True)
except ImportError as error:
    assert "another one has already imported it" in str(error), error
    print("refused", flush=True)
'''
for kind in sys.argv[1:]:
    if kind == "main":
        exec(code)
    else:
        other = create()
        interpreters.run_string(other, code)
        if kind == "destroyed":
            interpreters.destroy(other)
"""


def test_second_interpreter_of_a_process_is_refused() -> None:
    assert end(python(SUBINTERPRETERS, "main", "other", "main")) == (0, "works\nrefused\nworks\n", "")
    assert end(python(SUBINTERPRETERS, "other", "main", "other")) == (0, "works\nrefused\nrefused\n", "")
    assert end(python(SUBINTERPRETERS, "destroyed", "main", "destroyed")) == (0, "works\nrefused\nrefused\n", "")
