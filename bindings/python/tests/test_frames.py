"""Tools that print the variables of a traceback, such as pytest, print no key."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

import libatmn
import pytest
from libatmn import aio

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


def ask(**options: Any) -> object:
    return libatmn.Client(key=KEY).request("GET", "/v1/x", **options)


# A key that was passed as another argument by mistake.
MISTAKES: dict[str, Callable[[Any], Any]] = {
    "directory of resolve_key": lambda key: libatmn.resolve_key(directory=key),
    "bytes for a path": lambda key: libatmn.resolve_key(directory=key.encode()),
    "environment of resolve_key": lambda key: libatmn.resolve_key(environment=key),
    "boundary of find_key": lambda key: libatmn.find_key(boundary=key),
    "key of find_key": lambda key: libatmn.find_key(key=key, environment="sandbox"),
    "boundary of explain_key": lambda key: libatmn.explain_key(boundary=key),
    "directory of secret_key": lambda key: libatmn.secret_key(directory=key),
    "environment of load_env": lambda key: libatmn.load_env(environment=key),
    "server of server_info": lambda key: libatmn.server_info(server=key),
    "directory of save_keys": lambda key: libatmn.save_keys([KEY], directory=key),
    "file of save_keys": lambda key: libatmn.save_keys([KEY], file=key),
    "gitignore of save_keys": lambda key: libatmn.save_keys([KEY], gitignore=key),
    "allow_tracked of save_keys": lambda key: libatmn.save_keys([KEY], allow_tracked=key),
    "file of logout": lambda key: libatmn.logout(file=key),
    "server of logout": lambda key: libatmn.logout(server=key),
    "server of whoami": lambda key: libatmn.whoami(server=key),
    "timeout of whoami": lambda key: libatmn.whoami(timeout=key),
    "server of diagnose": lambda key: libatmn.diagnose(server=key),
    "server of Client": lambda key: libatmn.Client(server=key),
    "positional argument of Client": lambda key: libatmn.Client(key),
    "positional argument of aio.Client": lambda key: aio.Client(key),
    "retries of Client": lambda key: libatmn.Client(retries=key),
    "server of login": lambda key: libatmn.login(on_event=print, server=key),
    "file of start_login": lambda key: libatmn.start_login(file=key),
    "server of begin_login": lambda key: libatmn.begin_login(server=key),
    "login_timeout of complete_login": lambda key: libatmn.complete_login("code", login_timeout=key),
    "path of request": lambda key: libatmn.Client(key=KEY, server="http://127.0.0.1:9").request("GET", key),
    "method of request": lambda key: libatmn.Client(key=KEY, server="http://127.0.0.1:9").request(key, "/v1/x"),
    "query of request": lambda key: libatmn.Client(key=KEY).request("GET", "/v1/x", query=key),
    "header of request": lambda key: ask(headers={"x": [key]}),
    "content_type of request": lambda key: ask(content_type=[key]),
    "body of request": lambda key: ask(body=[key]),
    "json of request": lambda key: libatmn.Client(key=KEY).request("GET", "/v1/x", json={key}),
    "accepts of authenticate": lambda key: libatmn.authenticate({}, bool, accepts=key),
    "directory in aio": lambda key: asyncio.run(aio.resolve_key(directory=key)),
    "file in aio": lambda key: asyncio.run(aio.save_keys([KEY], file=key)),
    "server in aio": lambda key: asyncio.run(aio.whoami(server=key)),
    "server of logout in aio": lambda key: asyncio.run(aio.logout(server=key)),
    "path in aio": lambda key: asyncio.run(aio.Client(key=KEY, server="http://127.0.0.1:9").request("GET", key)),
}
CALLS.update({name: partial(call, KEY) for name, call in MISTAKES.items()})


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
