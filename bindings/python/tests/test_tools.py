"""The package works with tools that inspect, validate, serialize and freeze programs, in a fresh process each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from autumn import HANG
from conftest import SANDBOX


def run(script: str, *arguments: str) -> str:
    """Run a program in a fresh process; return what it prints."""
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


PUBLIC_FUNCTIONS = """
import inspect, typing, libatmn
from libatmn import aio
members = [getattr(module, name) for module in (libatmn, aio) for name in module.__all__]
classes = [libatmn.Client, libatmn.LoginAttempt, aio.Client, aio.LoginAttempt]
members += [value for kind in classes for name, value in inspect.getmembers(kind) if not name.startswith("_")]
functions = [value for value in members if inspect.isfunction(value)]
assert len(functions) > 25
"""


def test_get_type_hints_evaluates_every_public_function() -> None:
    run(f"""{PUBLIC_FUNCTIONS}
for function in functions:
    names = {{*inspect.signature(function).parameters}} - {{"self"}}
    assert {{*typing.get_type_hints(function)}} == names | {{"return"}}, function
    # Python 3.9 cannot evaluate `X | None`.
    assert not any("|" in str(annotation) for annotation in function.__annotations__.values()), function
for kind in classes + [value for value in members if inspect.isclass(value)]:
    for value in vars(kind).values():
        getter = getattr(value, "fget", value)
        if inspect.isfunction(getter):
            typing.get_type_hints(getter)
            assert not any("|" in str(annotation) for annotation in getter.__annotations__.values()), getter
assert typing.get_type_hints(libatmn.resolve_key)["environment"] == typing.Optional[libatmn.Environment]
""")


def test_inspect_signature_works_for_every_public_name() -> None:
    run(f"""{PUBLIC_FUNCTIONS}
for value in members:
    if inspect.isfunction(value) or inspect.isclass(value) and value.__module__ == "libatmn":
        inspect.signature(value)
assert list(inspect.signature(libatmn.Organization).parameters) == ["id", "name", "slug"]
""")


def test_orjson_asks_the_default_function_for_results() -> None:
    shown = run(f"""
import orjson, libatmn
def default(value):
    if isinstance(value, libatmn.ApiKey):
        return str(value)
    return {{name: getattr(value, name) for name in value.__match_args__}}
try:
    orjson.dumps(libatmn.classify_key({SANDBOX!r}))
except TypeError as error:
    assert "KeyClass" in str(error)
else:
    raise SystemExit("orjson serialized a class that it does not know")
print(orjson.dumps(libatmn.resolve_key(key={SANDBOX!r}), default=default).decode())
""")
    found = json.loads(shown)
    assert (found["key"], found["source"]["origin"]) == ("am_sk_test_…dbox", "argument")


def test_pydantic_validates_calls_and_fields() -> None:
    run(f"""
import libatmn, pydantic
found = pydantic.validate_call(libatmn.resolve_key)(key={SANDBOX!r}, environment="sandbox")
assert found.key.reveal() == {SANDBOX!r}
try:
    pydantic.validate_call(libatmn.resolve_key)(environment="prod")
except pydantic.ValidationError:
    pass
else:
    raise SystemExit("pydantic accepted a value outside the Literal")
for function in (libatmn.logout, libatmn.explain_key, libatmn.save_keys, libatmn.whoami, libatmn.begin_login):
    pydantic.validate_call(function)

class Settings(pydantic.BaseModel):
    key: libatmn.ApiKey

assert Settings(key={SANDBOX!r}).key == Settings(key=found.key).key == found.key
try:
    Settings(key={SANDBOX!r} + "!")
except libatmn.ApiKeyError as error:
    assert "planted" not in str(error)
""")


def test_typer_runs_a_command_with_the_types_of_libatmn() -> None:
    shown = run(
        """
import libatmn, typer
app = typer.Typer()

@app.command()
def show(key: str, environment: libatmn.Environment = "live") -> None:
    typer.echo(libatmn.resolve_key(key=key, environment=environment).key)

app()
""",
        SANDBOX,
        "--environment",
        "sandbox",
    )
    assert shown == "am_sk_test_…dbox\n"


def test_keys_are_equal_and_hash_by_value() -> None:
    run(f"""
import libatmn
one, two = libatmn.ApiKey({SANDBOX!r}), libatmn.ApiKey({SANDBOX!r})
assert one == two and hash(one) == hash(two) and {{one: 1}}[two] == 1
assert one != libatmn.ApiKey({SANDBOX!r} + "x") and one != {SANDBOX!r}
assert libatmn.resolve_key(key=one) == libatmn.resolve_key(key=two)
""")


FROZEN = """
import libatmn

try:
    libatmn.resolve_key(boundary=".")
except libatmn.ApiKeyError as error:
    print(error.code)
print(libatmn.resolve_key(key="am_sk_test_0123456789ab").key)
try:
    libatmn.login(on_event=None)
except libatmn.LoginError as error:
    print(error.code)
"""


# PyInstaller needs objdump, which comes with gcc.
def test_pyinstaller_freezes_a_program(tmp_path: Path, project: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(FROZEN)
    build = [sys.executable, "-m", "PyInstaller", "--onedir", "--log-level", "ERROR"]
    build += ["--distpath", str(tmp_path / "dist"), "--workpath", str(tmp_path / "work"), "--specpath", str(tmp_path)]
    done = subprocess.run([*build, str(program)], capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr
    frozen = tmp_path / "dist" / "program" / "program"
    ran = subprocess.run([str(frozen)], capture_output=True, text=True, timeout=HANG, cwd=project, check=False)
    assert (ran.stdout, ran.returncode) == ("key_not_found\nam_sk_test_…89ab\nlogin_unattended\n", 0), ran.stderr
