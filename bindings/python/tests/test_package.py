"""The package as it is installed."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import inspect
import subprocess
import sys
import typing
from pathlib import Path

import libatmn
import pytest
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
    public = {name for name, value in vars(libatmn).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public | {"__version__"} == set(libatmn.__all__)
    assert list(libatmn.__all__) == sorted(libatmn.__all__, key=lambda name: (name.islower(), name))


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


@pytest.mark.parametrize("heavy", ["asyncio", "json", "urllib", "inspect", "logging", "ssl", "threading"])
def test_what_finding_a_key_does_not_need_is_not_loaded_by_us(heavy: str) -> None:
    """What the standard library's `dataclasses` and `typing` load is theirs."""
    base = "import dataclasses, typing, datetime, threading, sys; "
    if heavy == "json":
        base += "import json; "
    script = f"{base}before = set(sys.modules); import libatmn; print('{heavy}' in set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


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
