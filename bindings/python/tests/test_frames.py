"""Tools that print the variables of a traceback, such as pytest, print no key."""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any, Callable

import libatmn
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = "SECRETSECRETSECRET99"
FAILING = """
import asyncio
import libatmn
import pytest
from libatmn import aio

@pytest.fixture
def vault():
    return lambda: "am_sk_live_" + "SECRET" * 3 + "99"

def request(key):
    return {"method": "GET", "path": "/", "headers": {"authorization": "Bearer " + key}}

def test_resolve(vault): libatmn.resolve_key(key=vault(), environment="sandbox")
def test_explain(vault): libatmn.explain_key(key=vault(), environment="wrong")
def test_malformed(vault): libatmn.resolve_key(key=vault() + " ")
def test_bytes(vault): libatmn.resolve_key(key=vault().encode())
def test_whoami(vault): libatmn.whoami(key=vault(), server="http://127.0.0.1:9")
def test_name(vault): libatmn.whoami(key=vault(), unknown=1)
def test_client(vault): libatmn.Client(key=vault(), server="localhost:8080")
def test_save(vault): libatmn.save_keys([vault()], gitignore="wrong")
def test_save_text(vault): libatmn.save_keys(vault())
def test_rejected(vault): libatmn.Client(server="http://127.0.0.1:9").reauthenticate(vault() + " ")
def test_parse(vault): libatmn.ApiKey(vault() + "\\n")
def test_authenticate(vault): libatmn.authenticate(request(vault()), lambda credential: None)
def test_request(vault): libatmn.authenticate({"headers": {"authorization": vault()}}, lambda credential: None)
def test_classify(vault): libatmn.classify_key(vault().encode())
def test_complete(vault): libatmn.complete_login(vault())
def test_submit(vault): libatmn.Client().submit(vault())
def test_aio_resolve(vault): asyncio.run(aio.resolve_key(key=vault(), environment="sandbox"))
def test_aio_save(vault): asyncio.run(aio.save_keys([vault()], gitignore="wrong"))
def test_aio_whoami(vault): asyncio.run(aio.whoami(key=vault(), server="http://127.0.0.1:9"))
def test_aio_complete(vault): asyncio.run(aio.complete_login(vault()))
async def accept(credential): return None
def test_aio_authenticate(vault): asyncio.run(aio.authenticate(request(vault()), accept))
"""


@pytest.mark.parametrize("options", [[], ["--showlocals"]])
def test_pytest_prints_no_key_of_our_frames(options: list[str], project: Path) -> None:
    file = project / "test_planted.py"
    file.write_text(FAILING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout
    assert f"{FAILING.count('def test_')} failed" in run.stdout
    # The variable `request(vault())` of a frame of the test itself is not ours, so no test here has one.
    assert PLANTED not in run.stdout


KEY = f"am_sk_live_{PLANTED}"
CALLS: dict[str, Callable[[], Any]] = {
    "resolve_key": lambda: libatmn.resolve_key(key=KEY, environment="sandbox"),
    "malformed": lambda: libatmn.resolve_key(key=KEY + " "),
    "whoami": lambda: libatmn.whoami(key=KEY, server="http://127.0.0.1:9"),
    "Client": lambda: libatmn.Client(key=KEY, server="localhost:8080"),
    "save_keys": lambda: libatmn.save_keys([KEY], gitignore="wrong"),  # type: ignore[arg-type] # pyright: ignore
    "save_keys of a text": lambda: libatmn.save_keys(KEY),
    "classify_key": lambda: libatmn.classify_key(KEY.encode()),  # type: ignore[arg-type]
    "complete_login": lambda: libatmn.complete_login(KEY),
    "authenticate": lambda: libatmn.authenticate(
        {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer {KEY}"}}, lambda credential: None
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_captured_variables_hold_no_key(name: str) -> None:
    try:
        CALLS[name]()
    except (libatmn.AtmnError, TypeError) as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True)
        locals_of = [frame.locals or {} for frame in frames.stack if "libatmn" in frame.filename.rpartition("/")[0]]
        assert PLANTED not in repr([values for values in locals_of if values])
    else:
        pytest.fail("nothing was raised")
