"""The vectors: data that all bindings must agree on, from the repository or the source distribution."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
VECTORS = next(each for each in (HERE / "vectors", HERE.parents[2] / "tests" / "vectors") if each.is_dir())
