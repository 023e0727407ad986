"""Measures finding a key in a file of 20 lines, in process, with libatmn and python-dotenv.

resolve.py PROJECT [PYPERF_OPTION...]
"""

import os
import sys

import dotenv
import libatmn
import pyperf

project = sys.argv.pop(1)
runner = pyperf.Runner(
    processes=6,
    values=5,
    program_args=(__file__, project),
)
for depth in (0, 10):
    os.chdir(os.path.join(project, *["d"] * depth))
    runner.bench_func(f"python resolve {depth}", libatmn.resolve_key)
    runner.bench_func(f"python dotenv {depth}", lambda: dotenv.dotenv_values(dotenv.find_dotenv(usecwd=True)))
