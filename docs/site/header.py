"""The manual of the C library, from the comments of include/atmn.h: the rules, and a page for each section."""

import re
from dataclasses import dataclass, field

SECTION = re.compile(r"^/\* ---- (.+?) -+ \*/$", re.MULTILINE)
COMMENT = re.compile(r"/\*\*(.*?)\*/\n", re.DOTALL)
MACRO = re.compile(r"#define (\w+) (.+)")
NAME = re.compile(r"\b(atmn_\w+)(?=\)?\(|;$)", re.MULTILINE)


@dataclass
class Item:
    """A declaration with its comment. A type of numbers also has their names."""

    name: str
    declaration: str
    text: str
    numbers: list[tuple[str, str, str]] = field(default_factory=list)


def plain(comment: str) -> str:
    """A comment without its stars."""
    lines = [re.sub(r"^ \* ?", "", line) for line in comment.strip("\n").splitlines()]
    return "\n".join(lines).strip()


def one_line(text: str) -> str:
    """A text for a table."""
    return " ".join(text.split()).replace("|", "\\|")


def items(section: str) -> list[Item]:
    """The declarations of a section of the header."""
    found: list[Item] = []
    starts = list(COMMENT.finditer(section))
    for start, end in zip(starts, [match.start() for match in starts[1:]] + [len(section)], strict=True):
        text, code = plain(start[1]), section[start.end() : end].split("\n\n", 1)[0].strip()
        macro = MACRO.fullmatch(code)
        if macro and found and not found[-1].name.startswith("ATMN_"):
            found[-1].numbers.append((macro[1], macro[2], text))
        else:
            name = macro[1] if macro else declared(code)
            found.append(Item(name, re.sub(r"^ATMN_MUST_USE\n", "", code), text))
    return found


def declared(code: str) -> str:
    """The name that a declaration gives."""
    pointer = re.search(r"\(\*(\w+)\)", code)
    names = NAME.findall(code)
    if "#define" in code:
        return re.search(r"#define (\w+)", code)[1]
    return pointer[1] if pointer else names[-1] if code.startswith("typedef") else names[0]


def rules(head: str) -> str:
    """The comment at the top of the header: each paragraph begins with what it is about."""
    text = plain(head.split("/*", 1)[1].split("*/", 1)[0]).split("# Rules", 1)[1].strip()
    return re.sub(r"^([A-Z][\w ]{2,25})\. ", r"**\1.** ", text, flags=re.MULTILINE)


def linked(text: str, places: dict[str, str], here: str) -> str:
    """A text in which each name of the library is a link to its description."""

    def link(match: re.Match[str]) -> str:
        place = places.get(match[1])
        if place is None or place == here:
            return match[0]
        return f"[{match[0]}](../{place})" if here else f"[{match[0]}]({place})"

    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else re.sub(r"`(\w+)`", link, part) for part in parts)


def page(title: str, content: list[Item], places: dict[str, str]) -> str:
    """The page of a section."""
    lines = [f"# {title}"]
    for item in content:
        lines += [f"## {item.name}", f"```c\n{item.declaration}\n```", linked(item.text, places, places[item.name])]
        if item.numbers:
            rows = [
                f'| <a id="{name}"></a>`{name}` | {value} | {linked(one_line(text), places, places[name])} |'
                for name, value, text in item.numbers
            ]
            lines.append("\n".join(["| name | number | meaning |", "|---|---:|---|", *rows]))
    return "\n\n".join(lines) + "\n"


def manual(header: str) -> dict[str, str]:
    """The pages by their paths in the folder `reference`. The first one has the rules."""
    head, *rest = SECTION.split(header)
    contents = {title: items(text) for title, text in zip(rest[::2], rest[1::2], strict=True)}
    paths = {title: f"c/{re.sub(r'[^a-z]+', '-', title.lower()).strip('-')}.md" for title in contents}
    places = {}
    for title, content in contents.items():
        for item in content:
            places[item.name] = f"{paths[title]}#{item.name.lower()}"
            places |= {name: f"{paths[title]}#{name}" for name, _, _ in item.numbers}
    index = "\n".join(f"- [{title}]({paths[title]})" for title in contents)
    pages = {"c.md": f"# C functions\n\n{index}\n\n## Rules\n\n{linked(rules(head), places, '')}\n"}
    return pages | {paths[title]: page(title, content, places) for title, content in contents.items()}
