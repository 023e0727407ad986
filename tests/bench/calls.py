"""Measures 2,000 concurrent calls with `libatmn.aio` and with httpx. Each body is parsed.

calls.py RESULT
"""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

import httpx
from libatmn import aio

KEY = "am_sk_test_0123456789ab"
PATH = "/v1/products"
Call = Callable[[], Awaitable[object]]


async def medians(functions: "dict[str, Call]") -> "dict[str, float]":
    """The median of seven rounds, in seconds; the functions take turns."""
    taken: "dict[str, list[float]]" = {name: [] for name in functions}
    for turn in range(8):
        for name, call in functions.items():
            began = perf_counter()
            await asyncio.gather(*(call() for _ in range(2_000)))
            if turn:  # the first round connects and warms up
                taken[name].append(perf_counter() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


async def measure(url: str) -> "dict[str, float]":
    """Measure both clients against one server."""
    headers = {"authorization": f"Bearer {KEY}"}
    async with aio.Client(server=url, key=KEY) as client, httpx.AsyncClient(timeout=None, headers=headers) as peer:

        async def ours() -> object:
            return (await client.request("GET", PATH)).json()

        async def theirs() -> object:
            return (await peer.get(url + PATH)).json()

        return await medians({"python concurrent": ours, "python httpx concurrent": theirs})


def main() -> None:
    """Start the server, measure, and write the result."""
    program = ["node", str(Path(__file__).with_name("answers.mjs"))]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            figures = asyncio.run(measure(server.stdout.readline().strip()))
        finally:
            server.terminate()
    Path(sys.argv[1]).write_text(json.dumps(figures))


main()
