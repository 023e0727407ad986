"""The installed package."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import subprocess
import sys
from pathlib import Path

import libatmn
import pytest
from autumn import HANG
from conftest import SANDBOX
from libatmn import aio

FOLDER = Path(libatmn.__file__).parent


def test_package_is_the_installed_one() -> None:
    assert Path(__file__).resolve().parents[1] not in FOLDER.parents
    metadata = importlib.metadata.metadata("libatmn")
    assert metadata["Version"] == libatmn.__version__
    needed = importlib.metadata.requires("libatmn") or []
    assert all("extra ==" in each for each in needed), "the package alone needs no other"
    assert set(metadata.get_all("Provides-Extra") or []) == {"httpx", "requests", "settings"}
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    names = {path.name for path in FOLDER.iterdir()}
    assert {"py.typed", "_native.pyi", "_native.abi3.so"} <= names


def test_all_lists_every_public_name() -> None:
    # Modules that need other packages, which a program imports by themselves.
    optional = {"httpx", "middleware", "requests", "settings", "testing"}
    public = {name for name in dir(libatmn) if not name.startswith("_")} - {"TYPE_CHECKING"} - optional
    assert public | {"__version__"} == set(libatmn.__all__)
    assert list(libatmn.__all__) == sorted(libatmn.__all__, key=lambda name: (name.islower(), name))
    everything: dict[str, object] = {}
    exec("from libatmn import *", everything)
    assert everything.keys() - {"__builtins__"} == set(libatmn.__all__)
    with pytest.raises(AttributeError, match="module 'libatmn' has no attribute 'resolve'"):
        _ = libatmn.resolve  # type: ignore[attr-defined]  # checkers know that there is no such name


def test_aio_is_reachable_without_its_own_import() -> None:
    script = "import libatmn; assert libatmn.aio.login.__module__ == 'libatmn.aio'"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=HANG)


def test_public_classes_name_the_package() -> None:
    for name in libatmn.__all__:
        value = getattr(libatmn, name)
        if inspect.isclass(value):
            assert value.__module__ == "libatmn", name


def test_aio_has_the_same_signatures() -> None:
    """A coroutine function takes the same arguments as the blocking function of its name."""
    for name in aio.__all__:
        ours, theirs = getattr(aio, name), getattr(libatmn, name)
        if inspect.isclass(ours):
            methods = {method for method in vars(theirs) if not method.startswith("_")} - {"poll"}
            assert methods <= set(dir(ours))
            pairs = [(getattr(ours, method), getattr(theirs, method)) for method in methods]
            assert all(inspect.iscoroutinefunction(mine) for mine, _ in pairs)
        else:
            pairs = [(ours, theirs)]
        for mine, twin in pairs:
            mine_parameters, twin_parameters = (inspect.signature(each).parameters for each in (mine, twin))
            assert list(mine_parameters) == list(twin_parameters), name
            for parameter in mine_parameters:
                assert mine_parameters[parameter].default == twin_parameters[parameter].default


FOUND = "libatmn.resolve_key().key.reveal()"
MISSING = """
try:
    libatmn.resolve_key(boundary=".")
except libatmn.ApiKeyError:
    pass
"""


@pytest.mark.parametrize(
    ("script", "line"),
    [(FOUND, f"AUTUMN_SECRET_KEY={SANDBOX}\n"), (MISSING, "")],
    ids=["found", "missing"],
)
def test_resolve_key_imports_only_fast_modules(project: Path, script: str, line: str) -> None:
    """`typing` or `dataclasses` alone would take longer than the whole call. Python itself imports `os`."""
    (project / ".env").write_text(line)
    before = f"import os, sys; sys.path.insert(0, {str(FOLDER.parent)!r}); before = set(sys.modules)"
    program = f"{before}\nimport libatmn\n{script}\nprint(*set(sys.modules) - before)"
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project)
    parts = ("_errors", "_host", "_interrupt", "_keys", "_native", "_response", "_wait")
    written_in_c = {"errno", "pwd", "select"}
    assert {*done.stdout.split()} - written_in_c == {"libatmn", *(f"libatmn.{part}" for part in parts)}


def test_explain_key_starts_no_thread_and_opens_no_descriptor(project: Path) -> None:
    script = """
import os, sys
import libatmn
before = set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
for _ in range(3):
    libatmn.explain_key()
assert before == (set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")))
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=project)


def test_output_that_nothing_reads_ends_without_a_traceback() -> None:
    read, closed = os.pipe()
    os.close(read)
    full = os.open("/dev/full", os.O_WRONLY)
    for descriptor, code in ((closed, 141), (full, 1)):
        command = [sys.executable, "-m", "libatmn", "key", "--explain"]
        run = subprocess.run(command, stdout=descriptor, stderr=subprocess.PIPE, text=True, check=False)
        assert run.returncode == code
        assert "Traceback" not in run.stderr
        os.close(descriptor)
