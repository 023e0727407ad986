"""A local Autumn server, and a new project directory for each test."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from autumn import Autumn

if TYPE_CHECKING:
    from collections.abc import Iterator

SANDBOX = "am_sk_test_plantedSandboxKey0123dbox"
LIVE = "am_sk_live_plantedLiveKey0123live"


@pytest.fixture(scope="session")
def server() -> Iterator[Autumn]:
    """One server for all tests; each test undoes its faults."""
    with Autumn.start() as server:
        yield server


@pytest.fixture
def autumn(server: Autumn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Autumn]:
    """The server, set as the library's default."""
    monkeypatch.setenv("ATMN_BACKEND_URL", server.url)
    yield server
    server.reset()


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as the working directory, without the caller's own settings."""
    for name in list(os.environ):
        if name.startswith(("AUTUMN_", "ATMN_", "SSH_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("CI", raising=False)
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home, project):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    # No browser opens during tests.
    monkeypatch.setenv("BROWSER", "false")
    monkeypatch.chdir(project)
    return project
