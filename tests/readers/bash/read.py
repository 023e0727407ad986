import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

BASH = shutil.which("bash")
TIMEOUT = 5
# `env` prints the environment that a program gets after the file is sourced, in raw bytes.
SOURCE = r"set -a; . ../.env >/dev/null; printf '%s\0' $?; exec /usr/bin/env -0"


def answer(path, before):
    after = source(path)
    if after is None:
        return {"hangs": True}
    if not after:
        return {"refuses": True}
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    return {"values": {name.decode("latin-1"): value.decode("latin-1") for name, value in changed.items()}}


def source(path):
    """The environment after sourcing; empty if bash refused the file, None if it timed out."""
    # Cases contain words that bash runs as commands. PATH names only this directory, which is empty.
    empty = path.with_name("empty")
    empty.mkdir()
    shell = subprocess.Popen(
        [BASH, "-c", SOURCE],
        cwd=empty,
        env={"PATH": str(empty)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        # Kills the process group, since a subshell in a loop would keep the pipe open.
        os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
        return None
    finally:
        shutil.rmtree(empty)
    if not output:
        return {}
    status, *pairs = output.split(b"\0")[:-1]
    if status != b"0" and has_syntax_error(path):
        return {}
    return dict(pair.split(b"=", 1) for pair in pairs)


def has_syntax_error(path):
    """Whether the file has a syntax error. The exit status alone may be that of the last line."""
    # On standard input, since bash takes a script with a NUL for a binary, and a sourced file not.
    with path.open("rb") as file:
        return subprocess.run([BASH, "-n"], env={}, stdin=file, stderr=subprocess.DEVNULL).returncode != 0


with tempfile.TemporaryDirectory(prefix="reader-") as directory:
    path = Path(directory, ".env")
    path.touch()
    before = source(path)
    for line in sys.stdin.buffer:
        case = json.loads(line)
        path.write_bytes(case["bytes"].encode("latin-1"))
        print(json.dumps({"id": case["id"], **answer(path, before)}), flush=True)
