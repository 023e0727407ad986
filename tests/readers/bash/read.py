import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

BASH = shutil.which("bash")
SECONDS = 5
# `env` shows what a program started after the sourcing gets, in raw bytes and whatever the file did to the shell.
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
    """The environment after sourcing; empty if bash gave up on the way, None if it took too long."""
    # Cases are full of words that bash takes for commands: this directory, the whole PATH, holds none.
    nothing = path.with_name("nothing")
    nothing.mkdir()
    shell = subprocess.Popen(
        [BASH, "-c", SOURCE],
        cwd=nothing,
        env={"PATH": str(nothing)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        # The whole group, or a subshell in a loop stays behind and holds the pipe.
        os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
        return None
    finally:
        shutil.rmtree(nothing)
    if not output:
        return {}
    status, *pairs = output.split(b"\0")[:-1]
    if status != b"0" and gives_up(path):
        return {}
    return dict(pair.split(b"=", 1) for pair in pairs)


def gives_up(path):
    """Whether the file has a syntax error; the status alone can also be that of its last line."""
    # On standard input, since a script with a NUL would count as binary, which a sourced file does not.
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
