"""Writes the table and the picture of docs/benchmarks.md from the results of the harnesses.

report.py TARGET BUILD NODE_BUILD DOCS
"""

import json
import math
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

target, build, node_build, docs = map(Path, sys.argv[1:])


# Larger files no longer fit into the processor's caches. A search that is not linear would take tens of times as long.
LINEAR = 1.5


class Row(NamedTuple):
    """One figure of libatmn and its peer. The limit is their highest allowed ratio, or infinite if there is none."""

    what: str
    ours: float
    peer: str
    theirs: float
    limit: float
    unit: str = "time"

    @property
    def used(self) -> float:
        """The share of the limit; 1 means that the limit is just met."""
        return self.ours / (self.theirs * self.limit)

    def line(self) -> str:
        """The row of the table."""
        ratio, limit = self.ours / self.theirs, f"≤ {self.limit:g} ×"
        text = f"{ratio:.2f} ×"
        if self.limit < 1:
            limit = f"≤ 1/{1 / self.limit:g}"
        if ratio < 0.5:
            text = f"1/{1 / ratio:.1f}"
        if not self.peer:
            text, limit = "", f"≤ {formatted(self.limit, self.unit)}"
        peer = f"{self.peer}: {formatted(self.theirs, self.unit)}" if self.peer else ""
        reached = "yes" if self.used <= 1 else "**no**"
        if self.limit == math.inf:
            limit = reached = ""
        return f"| {self.what} | {formatted(self.ours, self.unit)} | {peer} | {text} | {limit} | {reached} |"


def formatted(value: float, unit: str) -> str:
    """A figure with its unit."""
    if unit == "MB":
        return f"{value / 1e6:.2f} MB"
    if unit == "MiB":
        return f"{value / 2**20:.1f} MiB"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e9:.0f} ns"


def criterion(name: str) -> float:
    """The median of a criterion benchmark, in seconds."""
    found = json.loads((target / "criterion" / name / "new/estimates.json").read_text())
    return found["median"]["point_estimate"] / 1e9


def pyperf() -> dict[str, float]:
    """The median of each pyperf benchmark, in seconds."""
    found = {}
    for benchmark in json.loads((build / "pyperf.json").read_text())["benchmarks"]:
        values = [value for run in benchmark["runs"] for value in run.get("values", [])]
        found[benchmark["metadata"]["name"]] = statistics.median(values)
    return found


def rows() -> list[Row]:
    """All rows of the table."""
    f = json.loads((build / "starts.json").read_text()) | json.loads((build / "mitata.json").read_text()) | pyperf()
    save, write = ({lines: criterion(f"files/{what} {lines}") for lines in (5_000, 50_000, 200_000)} for what in ("save", "write"))
    floor, per_line = "open and read the file, C", save[5_000] / 5_000
    size = lambda path: path.stat().st_size  # noqa: E731
    tarballs = sum(size(path) for path in node_build.glob("*.tgz"))
    release = target / "release"
    return [
        Row("start to key printed, `atmn key`", f["start shell"], floor, f["start floor"], 1.5),
        Row("the same, C with libatmn.a", f["start c"], floor, f["start floor"], 1.5),
        Row("the same, C with libatmn.so", f["start c shared"], floor, f["start floor"], 1.5),
        Row("`atmn env`, server on this machine", f["env"], "curl, the same URL", f["curl"], 2),
        Row("the same, CPU", f["env cpu"], "curl", f["curl cpu"], 2),
        Row("the same", f["env"], "npm `atmn env`", f["env npm"], 1 / 50),
        Row("the same, CPU", f["env cpu"], "npm `atmn env`", f["env npm cpu"], 1 / 50),
        Row("the same, memory", f["env memory"], "npm `atmn env`", f["env npm memory"], 1 / 10, "MiB"),
        Row("Python: import and resolve", f["python import"], "import dotenv, find, read", f["python import dotenv"], 1 / 20),
        Row("Python: resolve, file here", f["python resolve 0"], "python-dotenv", f["python dotenv 0"], 1 / 20),
        Row("Python: resolve, file ten up", f["python resolve 10"], "python-dotenv", f["python dotenv 10"], 1 / 20),
        Row("Node: load and resolve", f["node load"], "npm dotenv", f["node load dotenv"], 1),
        Row("Node: resolve, file here", f["node resolve 0"], "npm dotenv, given the one file", f["node dotenv 0"], 1 / 2),
        Row("Node: resolve, file ten up", f["node resolve 10"], "npm dotenv, given the same 22 files", f["node dotenv 10 locations"], 1 / 2),
        Row("the same", f["node resolve 10"], "npm dotenv, given the one file", f["node dotenv 10"], math.inf),
        Row("both keys into 50,000 lines", save[50_000], "write and fsync the same bytes", write[50_000], 2),
        Row("a line of 50,000", save[50_000] / 50_000, "a line of 5,000", per_line, LINEAR),
        Row("a line of 200,000", save[200_000] / 200_000, "a line of 5,000", per_line, LINEAR),
        Row("callback to page, server included, disk not", criterion("network/callback in memory"), "", 1, 0.005),
        Row("callback to page, server and disk included", criterion("network/callback"), "", 1, 0.005),
        Row("100 calls over one client", criterion("network/calls"), "reqwest alone", criterion("network/calls bare"), 1.1),
        Row("memory of a login", f["login memory"], "", 1, 20 * 2**20, "MiB"),
        Row("libatmn.so", size(release / "libatmn.so"), "", 1, 3e6, "MB"),
        Row("`atmn`", size(release / "atmn"), "", 1, 5e6, "MB"),
        Row("npm tarballs, both", tarballs, "", 1, 2.6e6, "MB"),
        Row("wheel", size(next((build / "dist").glob("*.whl"))), "", 1, 2.6e6, "MB"),
    ]


def machine() -> str:
    """The machine and the versions of the run."""
    version = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: E731
    memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)
    programs = f"rustc {version('rustc', '--version')[1]}, Node {version('node', '--version')[0]}, Python {platform.python_version()}"
    kernel = ".".join(platform.release().split(".")[:2])
    load = f"{os.getloadavg()[2]:.1f}"
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory} GB, Linux {kernel}, {programs}; load at the end {load}"


def table(found: list[Row]) -> str:
    """The generated part of the page."""
    head = "| what | libatmn | peer | ratio | limit | met |\n|---|---:|---|---:|---:|---|\n"
    return f"{head}{chr(10).join(row.line() for row in found)}\n\nMeasured on: {machine()}.\n"


STYLE = """text { font: 12px system-ui, sans-serif; fill: #1f2328 } .good { fill: #2f7d5b } .bad { fill: #b3452c }
.line { stroke: #1f2328; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .line { stroke: #e6edf3 } .good { fill: #4fb286 } .bad { fill: #e07a5f } }"""


def picture(found: list[Row]) -> str:
    """A bar chart of each figure as a share of its limit."""
    found = [row for row in found if row.limit != math.inf]
    left, scale, step = 360, 240, 20
    height = step * len(found) + 50
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" role="img" aria-label="Each figure as a share of its limit">']
    parts.append(f"<style>{STYLE}</style>")
    parts.append(f'<text x="{left + scale}" y="16" text-anchor="middle">limit</text>')
    for number, row in enumerate(found):
        y, width = 28 + step * number, max(1.0, min(row.used, 1.6) * scale)
        what = row.what.replace("`", "") + (f" / {row.peer.split(',')[0]}".replace("`", "") if row.what.startswith("the same") else "")
        kind = "good" if row.used <= 1 else "bad"
        parts.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{what}</text>')
        parts.append(f'<rect class="{kind}" x="{left}" y="{y}" width="{width:.1f}" height="14"/>')
        parts.append(f'<text x="{left + width + 6:.1f}" y="{y + 11}">{row.used:.0%}</text>')
    parts.append(f'<line class="line" x1="{left + scale}" x2="{left + scale}" y1="22" y2="{height - 18}"/>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Write page and picture, and print the table."""
    found = rows()
    page, marks = docs / "benchmarks.md", ("<!-- figures: make bench -->\n", "<!-- end of figures -->\n")
    before, rest = page.read_text().split(marks[0])
    link = "![Each figure as a share of its limit](pictures/benchmarks.svg)\n\n"
    page.write_text(f"{before}{marks[0]}{link}{table(found)}{marks[1]}{rest.split(marks[1])[1]}")
    (docs / "pictures/benchmarks.svg").write_text(picture(found))
    print(table(found))


main()
