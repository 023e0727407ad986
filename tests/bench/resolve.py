"""Finding a key in a file of 20 lines, in process, against python-dotenv; both begin in the working directory.

resolve.py PROJECT pyperf's own options...
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
