"""Checks the site: each link within it has a target, with its anchor, and no page loads anything from elsewhere.

check.py SITE
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements whose target the browser loads with the page.
LOADED = {"img", "link", "script", "source", "iframe"}
# With the references, the site has more than 500.
LEAST_PAGES = 400
# rustdoc marks these lines of a source when a reader opens it.
LINES = re.compile(r"\d+(-\d+)?")
# Links in the documentation of other crates, which rustdoc repeats where their traits apply to a type.
OTHER_CRATES = {
    "super::Span::current()",
    "super::Subscriber",
    "crate::Span",
    "dispatcher#setting-the-default-subscriber",
}


class Anchors(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[tuple[str, bool]] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Takes what an element says."""
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.names.add(value)
            elif name in ("href", "src") and value:
                canonical = ("rel", "canonical") in attributes
                self.links.add((value, tag in LOADED and not canonical))
            elif name == "srcset" and value:
                self.links |= {(part.split()[0], True) for part in value.split(",")}


def read(path: Path) -> Anchors:
    """A page."""
    anchors = Anchors()
    anchors.feed(path.read_text(errors="replace"))
    return anchors


def faults(site: Path) -> list[str]:
    """The links without a target."""
    pages = {path: read(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        for link, loaded in page.links:
            if fault := fault_of(site, path, link, loaded, pages):
                found.append(f"{path.relative_to(site)}: {link}: {fault}")
    listed = re.findall(r"\]\(([^)]+)\)", (site / "llms.txt").read_text())
    lost = [link for link in listed if "://" not in link and not (site / link).exists()]
    found += [f"llms.txt: {link}: no such file" for link in lost]
    found += undescribed({name for path, page in pages.items() if "reference/c" in str(path) for name in page.names})
    found += ["the site is not whole: too few pages"] if len(pages) < LEAST_PAGES else []
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, {len(found)} faults")
    return found


def undescribed(anchors: set[str]) -> list[str]:
    """The names of the C library that its manual does not describe."""
    abi = Path(__file__).resolve().parents[2].joinpath("include/atmn.abi").read_text()
    names = sorted(set(re.findall(r"\b(?:ATMN|atmn)_\w+", abi)))
    return [f"{name} is not in the manual" for name in names if not {name, name.lower()} & anchors]


def fault_of(site: Path, path: Path, link: str, loaded: bool, pages: dict[Path, Anchors]) -> str | None:
    """What is wrong with a link, if anything."""
    if link in OTHER_CRATES:
        return None
    url = urlsplit(link)
    if url.scheme == "data" or (url.scheme in {"http", "https", "mailto", "javascript"} and not loaded):
        return None
    if url.scheme or url.netloc:
        return "loads from another server"
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    target = target / "index.html" if target.is_dir() else target
    if not target.is_relative_to(site) or not target.exists():
        return "no such file"
    if url.fragment and target in pages and not has(pages[target], url.fragment):
        return "no such anchor"
    return None


def has(page: Anchors, name: str) -> bool:
    """Whether a page has an anchor. Browsers look for the text as it stands, too."""
    return name in page.names or unquote(name) in page.names or name == "top" or LINES.fullmatch(name) is not None


def main() -> None:
    """Prints the faults, and fails if there are any."""
    found = faults(Path(sys.argv[1]).resolve())
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
