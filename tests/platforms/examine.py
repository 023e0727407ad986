"""Examines the finished files of a platform, records them in results.json, and writes the table of docs/platforms.md.

    examine.py PLATFORM HOW [ARTEFACT…]     HOW and the artefacts: how they were run here, such as "run natively"
    examine.py --page                       only writes the page

Fails if a file is for another processor, needs a library that not every system has, a newer glibc than 2.28 or a newer
macOS than Rust's libraries, exports other names than it must, or lacks licences, SBOM or the list of dependencies that
cargo-auditable stores.
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import lief
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

TOP = Path(__file__).resolve().parents[2]
RESULTS = TOP / "tests/platforms/results.json"
PAGE = TOP / "docs/platforms.md"
PLATFORMS = (
    "linux-x64-gnu",
    "linux-arm64-gnu",
    "linux-x64-musl",
    "linux-arm64-musl",
    "win32-x64-gnu",
    "darwin-arm64",
    "darwin-x64",
)
ARTEFACTS = ("command", "c", "addon", "wheel")
GLIBC = (2, 28)
# The oldest macOS: that of Rust's standard library, and of the wheels' tags.
MACOS = {"arm64": (11, 0), "x64": (10, 12)}
# Libraries that every system of a kind has, as patterns.
SYSTEM = {
    "gnu": r"(libc|libm|libdl|libpthread|librt|libutil|libgcc_s|ld-linux-[\w-]+)\.so\.\d",
    "musl": r"libc\.so|libc\.musl-\w+\.so\.1|libgcc_s\.so\.1",
    # And what loads the library: Node and Python.
    "win32": r"node\.exe|python3\.dll|(kernel32|ntdll|advapi32|ws2_32|bcrypt|bcryptprimitives|crypt32|userenv|shell32|ole32|msvcrt|secur32"
    r"|api-ms-win-[\w-]+)\.dll",
    "darwin": r"/usr/lib/lib(System\.B|iconv\.2|charset\.1)\.dylib|/System/Library/Frameworks/.*",
}


class Files:
    """The files in an archive: a tar archive or a wheel."""

    def __init__(self, path):
        if path.suffix == ".whl":
            archive = zipfile.ZipFile(path)
            self.contents = {name: archive.read(name) for name in archive.namelist()}
        else:
            archive = tarfile.open(path)
            members = [member for member in archive.getmembers() if member.isfile()]
            # A build with files of an earlier release must see that these are newer. npm gives all files one time.
            if path.suffix == ".gz":
                times = {member.mtime for member in members}
                assert len(times) == 1 and min(times) > 1_700_000_000, f"times of files: {times}"
                top = {member.name.split("/")[0] for member in members}
                assert top == {path.name.removesuffix(".tar.gz")}, top
            self.contents = {member.name: archive.extractfile(member).read() for member in members}

    def one(self, pattern):
        """Return the only file whose path matches."""
        found = [name for name in self.contents if re.search(pattern, name)]
        assert len(found) == 1, f"{pattern}: {found}"
        return self.contents[found[0]]


def parsed(data):
    """Parse a program or library."""
    return lief.parse(io.BytesIO(data))


def processor(binary):
    """Return `x64` or `arm64`."""
    if isinstance(binary, lief.ELF.Binary):
        name = binary.header.machine_type.name
    elif isinstance(binary, lief.PE.Binary):
        name = binary.header.machine.name
    else:
        name = binary.header.cpu_type.name
    return {"X86_64": "x64", "AMD64": "x64", "AARCH64": "arm64", "ARM64": "arm64"}[name]


def needed(binary):
    """Return the names of the libraries that a file needs."""
    if isinstance(binary, lief.PE.Binary):
        return [library.lower() for library in binary.libraries]
    names = [library if isinstance(library, str) else library.name for library in binary.libraries]
    # A library for macOS lists its own name first.
    own = ("@rpath/libatmn.0.dylib", "@rpath/libatmn.node", "@rpath/libatmn._native.abi3.so")
    return [name for name in names if name not in own]


def exports(binary):
    """Return the exported names, as C writes them."""
    if isinstance(binary, lief.ELF.Binary):
        names = {symbol.name for symbol in binary.dynamic_symbols if symbol.exported}
    elif isinstance(binary, lief.PE.Binary):
        names = {entry.name for entry in binary.get_export().entries} if binary.has_exports else set()
    else:
        names = {symbol.name.removeprefix("_") for symbol in binary.exported_symbols}
    return names - {"_init", "_fini", "_mh_execute_header", "mh_execute_header"}


def glibc(binary):
    """Return the newest glibc that a file asks for."""
    if not isinstance(binary, lief.ELF.Binary):
        return (0, 0)
    versions = {aux.name for need in binary.symbols_version_requirement for aux in need.get_auxiliary_symbols()}
    numbers = [re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", name) for name in versions]
    return max((tuple(map(int, match.groups()[:2])) for match in numbers if match), default=(0, 0))


def macos(binary):
    """Return the oldest macOS that a file runs on."""
    version = binary.build_version.minos if binary.has_build_version else binary.version_min.version
    return tuple(version[:2])


def has_dependency_list(binary):
    """Whether cargo-auditable has stored the list of dependencies."""
    return any(section.name.rstrip("\0") in (".dep-v0", "__dep-v0", "dep-v0") for section in binary.sections)


def header_functions():
    """Return the functions of the C library."""
    return set(re.findall(r"\b(atmn_\w+)\(", (TOP / "include/atmn.abi").read_text(encoding="utf-8")))


def check_binary(platform, data, exported):
    """Check a program or library; return what the table says of it."""
    binary = parsed(data)
    assert processor(binary) == platform.split("-")[1], processor(binary)
    kind = next(word for word in ("musl", "win32", "darwin", "gnu") if word in platform)
    foreign = [name for name in needed(binary) if not re.fullmatch(SYSTEM[kind], name)]
    assert not foreign, f"needs {foreign}"
    newest = glibc(binary)
    assert newest <= GLIBC, f"needs glibc {newest}"
    if kind == "darwin":
        assert macos(binary) == MACOS[processor(binary)], f"needs macOS {macos(binary)}"
    if exported is not None:
        found = exports(binary)
        if kind == "darwin":
            found &= exported  # zig's linker exports more than Apple's, which takes the list of names from rustc
        assert found == exported, f"exports {sorted(found ^ exported)[:5]}"
    assert has_dependency_list(binary), f"no list of dependencies: {[section.name for section in binary.sections]}"
    facts = [f"{len(data) / 1e6:.1f} MB"]
    if kind == "gnu":
        facts.append("glibc {}.{}".format(*newest))
    elif kind == "darwin":
        facts.append("macOS {}.{}".format(*macos(binary)))
    elif not needed(binary):
        facts.append("static")
    return ", ".join(facts)


def check_folders(files):
    """Check that no file names a folder of this machine: such a file differs from that of another builder."""
    folders = [str(TOP), str(Path.home() / ".cargo")]
    # Import libraries have paths in their labels.
    folders += [re.sub(r"\W", "_", folder) for folder in folders]
    for name, data in files.contents.items():
        found = [folder for folder in folders if folder.encode() in data]
        assert not found, f"{name} names {found}"


def check_archive(data):
    """Check that libatmn.a links beside another archive of Rust: its names are those of the header, or renamed."""
    with tempfile.NamedTemporaryFile(suffix=".a") as file:
        file.write(data)
        file.flush()
        [nm] = Path(output("rustc", "--print", "sysroot").strip()).glob("lib/rustlib/*/bin/llvm-nm")
        printed = output(nm, "--extern-only", "--defined-only", "--format=posix", "--quiet", file.name)
    names = {line.split()[0] for line in printed.splitlines() if len(line.split()) > 1}
    own = {name for name in names if not name.endswith(".atmn")}
    expected = header_functions()
    assert own in (expected, {f"_{name}" for name in expected}), f"libatmn.a has {sorted(own ^ expected)[:5]}"


def check_notices(files, also=()):
    """Check the licences and the SBOM of an archive, which must list some components beside Rust's packages."""
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"):
        files.one(rf"(^|/){name}$")
    text = files.one(r"\.cdx?\.json$|\.cyclonedx\.json$").decode()
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    problem = JsonStrictValidator(version).validate_str(text)
    assert not problem, problem
    names = {component["name"] for component in json.loads(text)["components"]}
    assert len(names) > 50 and names.issuperset(also), sorted(names)


def single(folder, pattern):
    """Return the only file of a folder that matches, or None."""
    found = sorted(folder.glob(pattern))
    assert len(found) <= 1, f"{pattern}: {found}"
    return found[0] if found else None


def output(*command):
    """Run a program, and return its output."""
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def tool(*arguments):
    """Run a checker of this environment; return its output, and fail with it."""
    done = subprocess.run(
        [Path(sys.executable).with_name(arguments[0]), *map(str, arguments[1:])], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def examine(platform, artefact):
    """Check one package; return its file and facts, or None if it was not built."""
    folder = TOP / "build/platforms" / platform
    pattern = {
        "command": f"atmn-*-{platform}.tar.gz",
        "c": f"libatmn-*-{platform}.tar.gz",
        "addon": f"libatmn-{platform.replace('win32-x64-gnu', 'win32-x64-msvc')}-*.tgz",
        "wheel": "*.whl",
    }[artefact]
    path = single(folder, pattern)
    if path is None:
        return None
    files = Files(path)
    check_notices(files, {"musl"} if artefact == "command" and "musl" in platform else ())
    check_folders(files)
    binary, exported = {
        "command": (r"/atmn(\.exe)?$", None),
        "c": (r"libatmn\.so\.\d+\.\d+\.\d+$|libatmn\.\d+\.dylib$|bin/atmn\.dll$", header_functions()),
        "addon": (r"\.node$", None),
        "wheel": (r"_native.*\.(so|pyd)$", {"PyInit__native"}),
    }[artefact]
    facts = check_binary(platform, files.one(binary), exported)
    if artefact == "c" and "win32" in platform:
        listed = set(files.one(r"lib/atmn[.]def$").decode().split()[3:])
        assert listed == exported, f"atmn.def: {sorted(listed ^ exported)[:5]}"
    if artefact == "c":
        archive = files.one(r"libatmn[.]a$")
        check_archive(archive)
        facts += f", libatmn.a {len(archive) / 1e6:.0f} MB"
    if artefact == "wheel":
        tool("abi3audit", "--strict", path)
        tool("twine", "check", "--strict", path)
        facts += f", {path.stem.split('-')[-1]}"
    return {"file": path.name, "packed": f"{path.stat().st_size / 1e6:.1f} MB", "facts": facts}


def table(results):
    """Return the table of the page."""
    names = {"command": "command", "c": "C library", "addon": "addon", "wheel": "wheel"}
    rows = ["| platform | " + " | ".join(names.values()) + " |", "|---" * (len(names) + 1) + "|"]
    for platform in PLATFORMS:
        cells = []
        for artefact in names:
            result = results.get(platform, {}).get(artefact)
            cells.append(f"{result['status']}: {result['facts']}" if result else "not yet built")
        rows.append(f"| {platform} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def write_page(results):
    """Replace the table of the page."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = "<!-- table: written by make platforms -->\n", "<!-- end of table -->"
    before, rest = text.split(start)
    after = rest.split(end)[1]
    PAGE.write_text(before + start + table(results) + "\n" + end + after, encoding="utf-8")


def main():
    """Examine, record, write."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if sys.argv[1:] != ["--page"]:
        platform, how, *ran = sys.argv[1:]
        for artefact in ARTEFACTS:
            if found := examine(platform, artefact):
                found["status"] = how if artefact in ran else "examined, not yet run"
                results.setdefault(platform, {})[artefact] = found
                print(f"{platform} {artefact}: {found['status']}: {found['facts']}")
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_page(results)


main()
