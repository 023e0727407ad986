"""Draws the picture of docs/benchmarks.md: for each task, a bar for libatmn and one for its peer."""

from html import escape
from typing import NamedTuple

TITLE = "The time of libatmn and of its peer for each task"
STYLE = """text { font: 13px system-ui, sans-serif; fill: #1f2328 } .task { font-weight: 600 }
.ours { fill: #2f7d5b } .peer { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #4fb286 } .peer { fill: #6e7681 } }"""
LEFT, WIDTH, BAR, STEP = 160, 480, 16, 74


class Pair(NamedTuple):
    """A task, and how long libatmn and its peer take for it: in seconds, and as text."""

    task: str
    peer: str
    ours: float
    theirs: float
    ours_text: str
    theirs_text: str


def draw(pairs: "list[Pair]") -> str:
    """An SVG. Each pair has its own scale: its longer bar has the full width."""
    height = STEP * len(pairs) + 8
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" role="img" aria-label="{TITLE}">'
    parts = [head, f"<style>{STYLE}</style>"]
    for number, pair in enumerate(pairs):
        top, longest = STEP * number + 8, max(pair.ours, pair.theirs)
        parts.append(f'<text class="task" x="8" y="{top + 12}">{escape(pair.task)}</text>')
        parts += bar("ours", "libatmn", top + 22, pair.ours / longest, pair.ours_text)
        parts += bar("peer", pair.peer, top + 42, pair.theirs / longest, pair.theirs_text)
    return "\n".join([*parts, "</svg>", ""])


def bar(kind: str, name: str, y: int, share: float, text: str) -> "list[str]":
    """A bar with its name on the left and its time on the right."""
    width = max(2.0, share * WIDTH)
    return [
        f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>',
        f'<text x="{LEFT + width + 8:.1f}" y="{y + 12}">{escape(text)}</text>',
    ]
