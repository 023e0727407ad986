"""The environment variables that a call uses are those of ``os.environ``."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest import mock

import libatmn
from conftest import LIVE, SANDBOX

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from autumn import Autumn


def secret_key(autumn: Autumn) -> str:
    """Return a valid sandbox key of Copper Kettle."""
    known = autumn.keys()
    usable = [key for key in known if key["kind"] == "secret" and key["environment"] == "sandbox"]
    return str(next(key["key"] for key in usable if key["organization"] == "copper-kettle" and not key["revoked"]))


def test_patched_environment_takes_precedence_over_env_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={LIVE}\n")
    assert libatmn.resolve_key().source.origin == "env_file"
    monkeypatch.setenv("AUTUMN_SECRET_KEY", SANDBOX)
    assert libatmn.resolve_key().key.reveal() == SANDBOX
    monkeypatch.delenv("AUTUMN_SECRET_KEY")
    with mock.patch.dict(os.environ, {"AUTUMN_SECRET_KEY": SANDBOX}):
        assert libatmn.resolve_key().key.reveal() == SANDBOX
    with mock.patch.object(os, "environ", {"AUTUMN_SECRET_KEY": SANDBOX}):
        assert libatmn.resolve_key().key.reveal() == SANDBOX
        assert next(location.outcome for location in libatmn.explain_key()) == "used"
    assert libatmn.resolve_key().source.origin == "env_file"


def test_network_calls_use_the_patched_environment(autumn: Autumn) -> None:
    environment = {"AUTUMN_SECRET_KEY": secret_key(autumn), "ATMN_BACKEND_URL": autumn.url}
    with mock.patch.object(os, "environ", environment):
        assert libatmn.whoami().organization.slug == "copper-kettle"
        assert libatmn.Client().request("GET", "/v1/organization/me").status == 200


STRESS = """
import os, sys, threading
import libatmn

server, key = sys.argv[1:]
done = threading.Event()

# The C library moves the environment when it grows, and unmaps the old place once it is large.
def grow():
    for number in range(25_000):
        os.environ[f"GROWING_{number}"] = "1"
    done.set()

def resolve():
    while not done.is_set():
        assert libatmn.resolve_key().source.origin == "env_file"

def ask():
    while not done.is_set():
        libatmn.whoami(server=server, key=key)

threads = [threading.Thread(target=work) for work in (resolve, resolve, ask, grow)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def test_variables_that_another_thread_sets_meanwhile_do_no_harm(autumn: Autumn, project: Path) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    command = [sys.executable, "-c", STRESS, autumn.url, secret_key(autumn)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
