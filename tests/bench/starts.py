"""Measures whole processes: finding a key, `atmn env`, a login, and import times in new interpreters.

    starts.py BUILT BUILD PYTHON NODE_PACKAGES RESULT

BUILT is cargo's folder of finished programs. BUILD holds the packages that `setup` installed, and the C programs.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

built, build, python, packages, result = sys.argv[1:]
project = Path(build, "project")
atmn = f"{built}/atmn"
figures: dict[str, float] = {}
environment = {name: value for name, value in os.environ.items() if not name.startswith(("AUTUMN_", "ATMN_", "CI"))}
environment |= {"HOME": build, "XDG_STATE_HOME": f"{build}/state"}


def control(url: str, path: str, body: object = None) -> object:
    """Call a control route of the local Autumn."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{url}/_test/{path}", data, {"content-type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def measure_processes(commands: dict[str, str], runs: int) -> None:
    """Measure wall and CPU time with hyperfine, in three rounds, since the load of the machine may change."""
    export = Path(build, "hyperfine.json")
    names = [part for name in commands for part in ("--command-name", name)]
    options = ["--shell=none", "--style=none", f"--warmup={min(runs // 4, 10)}", f"--runs={runs}", f"--export-json={export}"]
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(3):
        command = ["hyperfine", *options, *names, *commands.values()]
        subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
        for found in json.loads(export.read_text())["results"]:
            taken[found["command"]].append(found)
    for name, rounds in taken.items():
        figures[name] = statistics.median(found["median"] for found in rounds)
        figures[f"{name} cpu"] = statistics.median(found["user"] + found["system"] for found in rounds)


def measure_memory(name: str, command: str, **more: str) -> None:
    """Measure the peak memory of a program, in bytes, with `time`, which itself needs less memory."""
    peaks = []
    for _ in range(5):
        timed = ["/usr/bin/time", "--format=%M", *command.split()]
        done = subprocess.run(timed, cwd=project, env=environment | more, check=True, capture_output=True, text=True)
        peaks.append(int(done.stderr.split()[-1]) * 1024)
    figures[f"{name} memory"] = statistics.median(peaks)


def measure_imports(commands: dict[str, list[str]]) -> None:
    """Run each program in new processes, in turn; each prints the time that it measured."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(61):
        for name, command in commands.items():
            done = subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True)
            taken[name].append(float(done.stdout))
    figures.update({name: statistics.median(times) for name, times in taken.items()})


def interpreters() -> None:
    """Measure import and resolve, without the start of the interpreter."""
    snake = "from time import perf_counter as now; began = now(); {}; print(now() - began)"
    script = "const began = performance.now(); {}; console.log((performance.now() - began) / 1000)"
    resolve = f"require({packages + '/node_modules/libatmn'!r}).resolveKey()"
    config = f"require({build + '/node_modules/dotenv'!r}).config({{ quiet: true }})"
    modules = {
        f"{packages}/load.mjs": "const { resolveKey } = await import('libatmn'); resolveKey()",
        f"{build}/load.mjs": "const { config } = (await import('dotenv')).default; config({ quiet: true })",
    }
    for path, work in modules.items():
        Path(path).write_text(script.format(work) + "\n")
    measure_imports({
        "python import": [python, "-I", "-c", snake.format("import libatmn; libatmn.resolve_key()")],
        "python import dotenv": [
            python, "-I", "-c", snake.format("import dotenv; dotenv.dotenv_values(dotenv.find_dotenv(usecwd=True))"),
        ],
        "node import": ["node", f"{packages}/load.mjs"],
        "node import dotenv": ["node", f"{build}/load.mjs"],
        "node require": ["node", "-e", script.format(resolve)],
        "node require dotenv": ["node", "-e", script.format(config)],
    })  # fmt: skip


def network(url: str) -> None:
    """Measure `atmn env` and its peers, and a login."""
    known = control(url, "keys")
    key = next(entry["key"] for entry in known if entry["kind"] == "secret" and entry["environment"] == "sandbox")
    lines = [f"VARIABLE_{number}=value {number}" for number in range(19)]
    Path(project, ".env").write_text("\n".join([*lines, f"AUTUMN_SECRET_KEY={key}", ""]))
    environment["ATMN_BACKEND_URL"] = url
    curl = f"curl --silent --fail --noproxy * --header 'Authorization: Bearer {key}' {url}/v1/organization/me"
    peer = f"node {build}/node_modules/atmn/dist/cli.js env"
    measure_processes({"env": f"{atmn} env", "curl": curl}, 100)
    measure_processes({"env npm": peer}, 5)
    measure_memory("env", f"{atmn} env")
    measure_memory("env npm", peer)
    control(url, "approve-automatically", {"person": "ada@example.com", "organization": "copper-kettle"})
    browser = "curl --silent --location --noproxy * --output /dev/null"
    measure_memory("login", f"{atmn} login --force --quiet", BROWSER=browser)
    idle = subprocess.run([f"{build}/idle", url], cwd=project, env=environment, check=True, capture_output=True, text=True)
    figures["idle client memory"] = int(idle.stdout)


def main() -> None:
    """Measure everything and write the result."""
    Path(project, *["d"] * 10).mkdir(parents=True, exist_ok=True)
    with subprocess.Popen([atmn, "serve", "--controls", "--port", "0", "--quiet"], stdout=subprocess.PIPE, text=True) as server:
        try:
            network(server.stdout.readline().strip())
        finally:
            server.terminate()
    floor, static, shared = (f"{build}/{name}" for name in ("floor", "key-static", "key-shared"))
    measure_processes({"start floor": floor, "start c": static, "start c shared": shared, "start shell": f"{atmn} key"}, 300)
    interpreters()
    Path(result).write_text(json.dumps(figures, indent=1))


main()
