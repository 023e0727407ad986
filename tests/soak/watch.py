"""Runs the programs of `make soak`, one per binding, and checks that they do not use more resources over time.

    watch.py ATMN BINDING=COMMAND...

Each program logs in 200 times, calls the API 10,000 times, and pauses four times in each part to be measured. A local
Autumn approves every login, and curl acts as the browser.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from urllib.request import ProxyHandler, Request, build_opener

# Each login adds two known keys, until the file is full: then its size, and the memory for reading it, stay the same.
KNOWN_KEYS = {
    f"{number:064x}": {
        "server": "http://localhost:3000",
        "organization_id": "org_0123456789abcdef",
        "organization_slug": "copper-kettle",
        "environment": "sandbox",
        "scopes": None,
        "time": number,
    }
    for number in range(500)
}
# Memory may grow by this much, in MiB: allocators keep freed memory, and Node's garbage collector keeps more. The samples
# of Python differ by up to 1.7 MiB in 600 logins, without growth.
TOLERANCE = {"node": 8.0, "python": 2.5}
DEFAULT_TOLERANCE = 1.0
TIMEOUT = 300.0
ROW = "{:<8}{:<14}{:>12}{:>9}{:>10}{:>11}"


def measure(pid: int) -> tuple[int, int, int, float]:
    """File descriptors, threads, children (zombies included) and MiB of memory of a process."""
    with open(f"/proc/{pid}/status") as status:
        resident = next(line for line in status if line.startswith("VmRSS"))
    threads = os.listdir(f"/proc/{pid}/task")
    children = 0
    for thread in threads:
        # A thread of the last login may end meanwhile.
        with suppress(FileNotFoundError), open(f"/proc/{pid}/task/{thread}/children") as listed:
            children += len(listed.read().split())
    return len(os.listdir(f"/proc/{pid}/fd")), len(threads), children, int(resident.split()[1]) / 1024


def watch(binding: str, command: str, url: str) -> list[str]:
    """Run the program of one binding; return what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        unwanted = ("AUTUMN_", "ATMN_BACKEND", "CI")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        environment |= {
            "ATMN_BACKEND_URL": url,
            "BROWSER": "curl --silent --location --noproxy * --output /dev/null",
            "HOME": folder,
            "XDG_STATE_HOME": f"{folder}/state",
        }
        os.mkdir(f"{folder}/project")
        write_known_keys(f"{folder}/state")
        process = subprocess.Popen(
            shlex.split(command), cwd=f"{folder}/project", env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        timer = threading.Timer(TIMEOUT, process.kill)
        timer.daemon = True
        timer.start()
        samples: dict[str, list[tuple[int, int, int, float]]] = {"logins": [], "calls": []}
        for line in process.stdout:
            *counts, memory = sample = measure(process.pid)
            samples[line.split()[0]].append(sample)
            print(ROW.format(binding, line.strip(), *counts, f"{memory:.1f}"), flush=True)
            process.stdin.write("\n")
            process.stdin.flush()
        code = process.wait()
        timer.cancel()
    return problems(binding, samples) + ([f"{binding}: ended with {code}"] if code else [])


def write_known_keys(state: str) -> None:
    """Fill the file of known keys, which only its owner may read."""
    os.makedirs(f"{state}/atmn", mode=0o700)
    with open(f"{state}/atmn/known-keys.json", "w", opener=lambda *how: os.open(*how, 0o600)) as file:
        json.dump(KNOWN_KEYS, file)


def problems(binding: str, samples: dict[str, list[tuple[int, int, int, float]]]) -> list[str]:
    """Compare the last sample with the first one."""
    wrong = []
    for what, taken in samples.items():
        if len(taken) != 4:
            wrong.append(f"{binding}: {len(taken)} of 4 samples of {what}")
            continue
        first, last = taken[0], taken[-1]
        if last[0] > first[0] or last[1] > first[1]:
            wrong.append(f"{binding}: descriptors and threads grew from {first[:2]} to {last[:2]} ({what})")
        # The browser process of the last login may end a moment after the login.
        if last[2] > 1:
            wrong.append(f"{binding}: {last[2]} children are left ({what})")
        if last[3] > first[3] + TOLERANCE.get(binding, DEFAULT_TOLERANCE):
            wrong.append(f"{binding}: memory grew from {first[3]:.1f} to {last[3]:.1f} MiB ({what})")
    return wrong


def approve(url: str) -> None:
    """Make the server approve every login."""
    body = json.dumps({"person": "ada@example.com", "organization": "copper-kettle"}).encode()
    request = Request(f"{url}/_test/approve-automatically", body, {"content-type": "application/json"})
    build_opener(ProxyHandler({})).open(request, timeout=10).close()


def main() -> int:
    """Watch the programs of all given bindings."""
    atmn, *bindings = sys.argv[1:]
    serve = [atmn, "serve", "--controls", "--port", "0", "--quiet"]
    wrong = []
    print(ROW.format("binding", "after", "descriptors", "threads", "children", "MiB"))
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            approve(url)
            for binding, command in (argument.split("=", 1) for argument in bindings):
                wrong += watch(binding, command, url)
        finally:
            server.terminate()
    print("\n".join(wrong) or "No resource use grew.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
