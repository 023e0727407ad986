"""Limits of the system: no file descriptors, and small stacks."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Callable

import libatmn
import pytest
from conftest import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from autumn import Autumn

CALLS: dict[str, Callable[[], Any]] = {
    "whoami": lambda: libatmn.whoami(key=SANDBOX),
    "Client": lambda: libatmn.Client(key=SANDBOX).request("GET", "/v1/customers"),
    "start_login": lambda: libatmn.start_login(open_browser=False, force=True).cancel(),
    "begin_login": lambda: libatmn.begin_login(force=True),
    "save_keys": lambda: libatmn.save_keys([SANDBOX]),
    "logout": libatmn.logout,
    "resolve_key": libatmn.resolve_key,
}


def exhausted() -> list[int]:
    """Open files until no descriptor is left."""
    held: list[int] = []
    with pytest.raises(OSError, match="Too many open files"):
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    return held


@pytest.fixture
def descriptors() -> Iterator[list[int]]:
    """Use all file descriptors; the test may close some."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    held = exhausted()
    yield held
    for descriptor in held:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("name", CALLS)
def test_without_descriptors_every_failure_is_an_error_of_libatmn(
    name: str, autumn: Autumn, descriptors: list[int]
) -> None:
    assert autumn.url
    errors = []
    for _ in range(8):
        errors += failure(CALLS[name])
        os.close(descriptors.pop())
    limits = [error for error in errors if error.code not in ("invalid_secret_key", "key_not_found")]
    for error in limits:
        assert error.code == "system_limit"
        assert error.context["system_code"] == "EMFILE"
        assert isinstance(error.__cause__, OSError)
        assert error.__cause__.errno == errno.EMFILE
    assert limits or name == "resolve_key"  # which opens no file that does not exist


# Leaves a program no descriptor.
EXHAUSTED = """
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
"""

STARVED = (
    """
import os, resource, sys
import libatmn
from libatmn import Client
client = Client(key="am_sk_test_0123456789abcdef", server="http://127.0.0.1:9", retries=0)
"""
    + EXHAUSTED
    + """
calls = {
    "save_keys": lambda: libatmn.save_keys(["am_sk_test_0123456789abcdef"]),
    "logout": libatmn.logout,
    "request": lambda: client.request("GET", "/v1/customers", json={}),
    "late": lambda: libatmn.aio,
    "resolve_key": libatmn.resolve_key,
}
for name, call in calls.items():
    try:
        call()
    except libatmn.AtmnError as error:
        print(name, error.code, error.__cause__ is not None)
"""
)


def test_without_descriptors_the_first_call_imports_nothing(project: Path) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    (project / ".env").chmod(0o600)
    run = subprocess.run([sys.executable, "-c", STARVED], capture_output=True, text=True, check=False, env={})
    assert run.stderr == ""
    names = ("save_keys", "logout", "request", "late", "resolve_key")
    assert run.stdout.splitlines() == [f"{name} system_limit True" for name in names]


MOVED = """
import importlib, sys
import libatmn
sys.path.clear()
sys.path_importer_cache.clear()
libatmn.save_keys(["am_sk_test_0123456789abcdef"])
print(libatmn.resolve_key().key.environment, len(libatmn.logout().removed))
"""


def test_calls_import_nothing_after_sys_path_has_changed(project: Path) -> None:
    run = subprocess.run([sys.executable, "-c", MOVED], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("sandbox 1\n", "")
    assert project.is_dir()


def test_a_key_file_has_the_cause_of_the_system(
    project: Path, descriptors: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.close(descriptors.pop())
    file = project / "key"
    file.write_text(SANDBOX)
    descriptors.extend(exhausted())
    monkeypatch.setenv("AUTUMN_SECRET_KEY_FILE", str(file))
    with pytest.raises(libatmn.AtmnError) as caught:
        libatmn.resolve_key()
    assert (caught.value.code, caught.value.context["system_code"]) == ("system_limit", "EMFILE")
    assert isinstance(caught.value.__cause__, OSError)


def failure(call: Callable[[], Any]) -> list[libatmn.AtmnError]:
    """Return the error of a call, if it fails. Any other exception propagates."""
    try:
        call()
    except libatmn.AtmnError as error:
        return [error]
    return []


COROUTINE = (
    """
import asyncio, os, resource
import libatmn
from libatmn import aio
loop = asyncio.new_event_loop()
"""
    + EXHAUSTED
    + """
for _ in range(2):  # enough for the call itself, and for no copy
    os.close(held.pop())
for _ in range(1000):  # a call that ends before the loop looks at it needs no copy
    try:
        loop.run_until_complete(aio.resolve_key(key="am_sk_test_0123456789abcdef"))
    except libatmn.AtmnError as error:
        print(error.code, error.context["system_code"], isinstance(error.__cause__, OSError))
        break
"""
)


def test_without_descriptors_a_coroutine_raises_an_error_of_libatmn(project: Path) -> None:
    # In a child process, in which no other thread closes a descriptor meanwhile.
    run = subprocess.run([sys.executable, "-c", COROUTINE], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("system_limit EMFILE True\n", "")
    assert project.is_dir()


MANY_CALLS = """
import asyncio, resource, sys
from libatmn import aio
resource.setrlimit(resource.RLIMIT_NOFILE, (600, 600))

async def main():
    async with aio.Client(server=sys.argv[1], key=sys.argv[2]) as client:
        calls = (client.request("GET", "/v1/plans") for _ in range(300))
        return [response.status for response in await asyncio.gather(*calls)]

print(asyncio.run(main()) == [200] * 300)
"""


def test_many_calls_at_once_need_few_descriptors(autumn: Autumn) -> None:
    # Slow, so that as many as may run at once do so.
    autumn.control("faults", {"path": "/v1/plans", "fault": "delay", "milliseconds": 300, "count": 300})
    command = [sys.executable, "-c", MANY_CALLS, autumn.url, autumn.unlimited_key()]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("True\n", "")


def test_a_thread_may_have_the_smallest_stack(autumn: Autumn) -> None:
    done: list[object] = []

    def run() -> None:
        with libatmn.Client(server=autumn.url, key=SANDBOX):
            done.append("client")
        libatmn.start_login(open_browser=False, force=True).cancel()
        done.append("attempt")

    before = threading.stack_size(32 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert done == ["client", "attempt"]
