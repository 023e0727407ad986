"""The package as it is installed."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import inspect
import subprocess
import sys
import typing
from pathlib import Path

import libatmn
import pytest
from conftest import SANDBOX
from libatmn import aio

FOLDER = Path(libatmn.__file__).parent


def test_it_is_the_installed_one() -> None:
    assert Path(__file__).resolve().parents[1] not in FOLDER.parents
    metadata = importlib.metadata.metadata("libatmn")
    assert metadata["Version"] == libatmn.__version__
    assert importlib.metadata.requires("libatmn") is None
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    names = {path.name for path in FOLDER.iterdir()}
    assert {"py.typed", "_native.pyi", "_native.abi3.so"} <= names


def test_all_names_are_there_and_no_others() -> None:
    """Also after all of them were asked for, which loads every module."""
    public = {
        name for name in dir(libatmn) if not inspect.ismodule(getattr(libatmn, name)) and not name.startswith("_")
    }
    assert public | {"__version__"} == set(libatmn.__all__)
    assert list(libatmn.__all__) == sorted(libatmn.__all__, key=lambda name: (name.islower(), name))
    everything: dict[str, object] = {}
    exec("from libatmn import *", everything)
    assert everything.keys() - {"__builtins__"} == set(libatmn.__all__)
    with pytest.raises(AttributeError, match="module 'libatmn' has no attribute 'resolve'"):
        _ = libatmn.resolve  # type: ignore[attr-defined]


def test_type_checkers_see_what_is_there() -> None:
    """The stub has every name, from the module that it is loaded from."""
    tree = ast.parse((FOLDER / "__init__.pyi").read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert seen == {name: f"libatmn.{home}" for name, home in vars(libatmn)["_HOMES"].items()}
    listed = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    assert [ast.literal_eval(value) for value in listed] == [libatmn.__all__]


def test_both_faces_have_the_same_signatures() -> None:
    """A coroutine takes what its twin takes."""
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


def test_annotations_can_be_evaluated() -> None:
    for name in libatmn.__all__:
        value = getattr(libatmn, name)
        if inspect.isclass(value) and dataclasses.is_dataclass(value):
            assert set(typing.get_type_hints(value)) == {field.name for field in dataclasses.fields(value)}


FOUND = "libatmn.resolve_key().key.reveal()"
MISSING = """
try:
    libatmn.resolve_key(boundary=".")
except libatmn.ApiKeyError:
    pass
"""


@pytest.mark.parametrize(
    ("script", "line", "more"),
    [(FOUND, f"AUTUMN_SECRET_KEY={SANDBOX}\n", set()), (MISSING, "", {"libatmn._errors", "__future__"})],
    ids=["found", "missing"],
)
def test_finding_a_key_loads_next_to_nothing(project: Path, script: str, line: str, more: set[str]) -> None:
    """Not even `typing` or `dataclasses`: each alone takes longer than all of it. `os` is there wherever a site is."""
    (project / ".env").write_text(line)
    before = f"import os, sys; sys.path.insert(0, {str(FOLDER.parent)!r}); before = set(sys.modules)"
    whole = f"{before}\nimport libatmn\n{script}\nprint(*set(sys.modules) - before)"
    command = [sys.executable, "-I", "-S", "-c", whole]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project)
    assert {*done.stdout.split()} == {"libatmn", "libatmn._keys", "libatmn._native", "libatmn._record"} | more


def test_finding_a_key_needs_no_network(project: Path) -> None:
    """No runtime, no socket, no thread."""
    script = """
import os, sys
import libatmn
before = set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
for _ in range(3):
    libatmn.explain_key()
assert before == (set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")))
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=project)
