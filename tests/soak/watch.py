"""Watches the programs of `make soak`, one per face: what they hold after a while must be what they hold at the end.

    watch.py ATMN FACE=COMMAND...

Each logs in 200 times and makes 10,000 calls, and stops now and then so that it can be looked at. An Autumn of this
machine approves by itself, and curl is the browser.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
from urllib.request import ProxyHandler, Request, build_opener

# Memory may move by this much, in MiB: allocators keep what they were given, and Node's collector more so.
SLACK = {"node": 8.0}
USUAL_SLACK = 1.0
LONGEST = 300.0
ENTRY = "{:<8}{:<14}{:>12}{:>9}{:>10}{:>11}"


def held(pid: int) -> tuple[int, int, int, float]:
    """Descriptors, threads, children (those that nobody has waited for included), and MiB of memory."""
    with open(f"/proc/{pid}/status") as status:
        resident = next(line for line in status if line.startswith("VmRSS"))
    threads = os.listdir(f"/proc/{pid}/task")
    children = 0
    for thread in threads:
        with open(f"/proc/{pid}/task/{thread}/children") as listed:
            children += len(listed.read().split())
    return len(os.listdir(f"/proc/{pid}/fd")), len(threads), children, int(resident.split()[1]) / 1024


def watch(face: str, command: str, url: str) -> list[str]:
    """Run one face; what was wrong with it."""
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
        process = subprocess.Popen(
            shlex.split(command), cwd=f"{folder}/project", env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        timer = threading.Timer(LONGEST, process.kill)
        timer.start()
        seen: dict[str, list[tuple[int, int, int, float]]] = {"logins": [], "calls": []}
        for line in process.stdout:
            *counts, memory = look = held(process.pid)
            seen[line.split()[0]].append(look)
            print(ENTRY.format(face, line.strip(), *counts, f"{memory:.1f}"), flush=True)
            process.stdin.write("\n")
            process.stdin.flush()
        code = process.wait()
        timer.cancel()
    return judged(face, seen) + ([f"{face}: ended with {code}"] if code else [])


def judged(face: str, seen: dict[str, list[tuple[int, int, int, float]]]) -> list[str]:
    """Compare the first look with the last one."""
    wrong = []
    for what, looks in seen.items():
        if len(looks) != 4:
            wrong.append(f"{face}: {len(looks)} of 4 looks at {what}")
            continue
        first, last = looks[0], looks[-1]
        if last[0] > first[0] or last[1] > first[1]:
            wrong.append(f"{face}: descriptors and threads at first {first[:2]}, at last {last[:2]} ({what})")
        # The browser of the last login may end a moment after it.
        if last[2] > 1:
            wrong.append(f"{face}: {last[2]} children that nobody waited for ({what})")
        if last[3] > first[3] + SLACK.get(face, USUAL_SLACK):
            wrong.append(f"{face}: memory at first {first[3]:.1f} MiB, at last {last[3]:.1f} MiB ({what})")
    return wrong


def approve(url: str) -> None:
    """Let the server say yes by itself."""
    body = json.dumps({"person": "ada@example.com", "organization": "copper-kettle"}).encode()
    request = Request(f"{url}/_test/approve-automatically", body, {"content-type": "application/json"})
    build_opener(ProxyHandler({})).open(request, timeout=10).close()


def main() -> int:
    """Watch every face that is named."""
    atmn, *faces = sys.argv[1:]
    serve = [atmn, "serve", "--controls", "--port", "0", "--quiet"]
    wrong = []
    print(ENTRY.format("face", "after", "descriptors", "threads", "children", "MiB"))
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            approve(url)
            for face, command in (face.split("=", 1) for face in faces):
                wrong += watch(face, command, url)
        finally:
            server.terminate()
    print("\n".join(wrong) or "Flat.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
