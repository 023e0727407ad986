"""The base of results: frozen dataclasses that are made in two steps.

Whoever finds a key should not wait for :mod:`dataclasses`, which takes many times longer to load than the key to find.
So a class gets what makes it a dataclass when somebody asks for more than the fields of its objects.
"""

from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import Field
    from typing import Any, ClassVar

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_: object) -> object:
        """Tell type checkers, and nobody else."""
        return lambda kind: kind


_completing = RLock()
_unshown: "dict[type[Record], str]" = {}


@dataclass_transform(frozen_default=True)
class Record:
    """A frozen dataclass, as soon as that makes a difference."""

    if TYPE_CHECKING:
        __dataclass_fields__: "ClassVar[dict[str, Field[Any]]]"
        __no_type_check__: "ClassVar[bool]"

    def __init_subclass__(cls, *, unshown: str = "") -> None:
        """``unshown`` is the field that ``repr()`` leaves out."""
        super().__init_subclass__()
        if unshown:
            _unshown[cls] = unshown

    @classmethod
    def _of(cls, **fields: object) -> "Self":
        """Made by the native half, which leaves no field out."""
        made = cls.__new__(cls)
        made.__dict__.update(fields)
        return made


class _Part:
    """Something that :mod:`dataclasses` gives a class: stands in for it until it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> object:
        # `inspect.signature` of Python 3.13 asks with a class as the instance.
        for kind in (instance if isinstance(instance, type) else owner).__mro__:
            if Record in kind.__bases__:
                _complete(kind)
                if self._name in vars(kind):
                    part = vars(kind)[self._name]
                    return part.__get__(instance, owner) if hasattr(part, "__get__") else part
        # No result has it, or this Python does not know it.
        raise AttributeError(self._name)


# Type checkers must not see these, as they know the real ones. The last is where `typing.get_type_hints` begins.
for _name in (
    *("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__replace__", "__match_args__"),
    *("__dataclass_fields__", "__dataclass_params__", "__no_type_check__"),
):
    setattr(Record, _name, _Part(_name))


def _complete(kind: type[Record]) -> None:
    """Make the class the dataclass that it seems to be."""
    from dataclasses import dataclass, field  # noqa: PLC0415 - see above
    from typing import get_type_hints  # noqa: PLC0415

    from libatmn import _types  # noqa: PLC0415

    with _completing:
        if "__dataclass_fields__" not in vars(kind):
            kind.__no_type_check__ = False  # or the next line would come back here
            kind.__annotations__ = get_type_hints(kind, {**vars(_types)})
            if kind in _unshown:
                setattr(kind, _unshown[kind], field(repr=False))
            dataclass(frozen=True)(kind)
