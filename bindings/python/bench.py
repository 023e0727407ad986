"""What libatmn costs beside python-dotenv: medians, taken in turn in one run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from pathlib import Path

import dotenv
import libatmn

STARTS = {"an empty interpreter": "pass", "import dotenv": "import dotenv", "import libatmn": "import libatmn"}
RUNS = 41
CALLS = 2_000


def started(code: str) -> float:
    """Milliseconds until a program has ended."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    return (time.perf_counter() - began) * 1000


def calls(function: object) -> float:
    """Microseconds for a call, the median of seven rounds."""
    assert callable(function)
    rounds = timeit.repeat(function, number=CALLS, repeat=7)
    return statistics.median(rounds) / CALLS * 1_000_000


def main() -> None:
    """Print the figures."""
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(RUNS):
        for name, code in STARTS.items():
            times[name].append(started(code))
    for name, taken in times.items():
        print(f"{statistics.median(taken):8.1f} ms  {name}")
    for name in list(os.environ):
        if name.startswith("AUTUMN_"):
            del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, ".env")
        file.write_text("# mine\nPORT=80\nNAME='a b'\nAUTUMN_SECRET_KEY=am_sk_test_0123456789abcdef\nLAST=1\n")
        print(f"{calls(lambda: dotenv.dotenv_values(file)):8.1f} µs  dotenv_values, one file of five lines")
        near = calls(lambda: libatmn.resolve_key(directory=folder))
        print(f"{near:8.1f} µs  resolve_key, the same file, and the places before it")
        deep = Path(folder, "a", "b", "c")
        deep.mkdir(parents=True)
        print(f"{calls(lambda: libatmn.resolve_key(directory=deep)):8.1f} µs  resolve_key, from three levels down")


if __name__ == "__main__":
    main()
