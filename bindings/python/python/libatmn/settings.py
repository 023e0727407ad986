"""A source for pydantic-settings. Needs it: ``pip install libatmn[settings]``.

>>> import libatmn
>>> from libatmn.settings import KeySource
>>> from pydantic_settings import BaseSettings, SettingsConfigDict
>>> class Settings(BaseSettings):
...     model_config = SettingsConfigDict(env_ignore_empty=True)  # as libatmn, which ignores an empty variable
...     autumn_secret_key: libatmn.ApiKey
...
...     @classmethod
...     def settings_customise_sources(cls, settings_cls, **sources):
...         return (sources["init_settings"], KeySource(settings_cls), sources["env_settings"])
>>> Settings().autumn_secret_key
ApiKey('am_sk_test_…dbox')
>>> Settings().model_dump_json()
'{"autumn_secret_key":"am_sk_test_…dbox"}'
"""

from typing import Any, Optional

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from libatmn import ApiKeyError, Environment, StrPath, resolve_key

__all__ = ["KeySource"]

_ENVIRONMENTS: dict[str, Optional[Environment]] = {"autumn_secret_key": None, "autumn_prod_secret_key": "live"}


class KeySource(PydanticBaseSettingsSource):
    """Finds the keys of fields whose name or alias is ``autumn_secret_key`` or ``autumn_prod_secret_key``.

    It searches as :func:`libatmn.resolve_key`: the variable, ``<VARIABLE>_FILE``, and each ``.env`` up to the root.
    The live key is that of ``environment="live"``. The type of the field may be :class:`libatmn.ApiKey`, ``SecretStr``
    or ``str``. If there is no key, the next source or the default applies; a key that cannot be used is an
    :class:`libatmn.ApiKeyError`, which does not show it.
    """

    def __init__(
        self,
        settings_cls: type[BaseSettings],
        *,
        directory: Optional[StrPath] = None,
        boundary: Optional[StrPath] = None,
    ) -> None:
        """Search from a directory, the working directory by default."""
        super().__init__(settings_cls)
        self._directory, self._boundary = directory, boundary

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text of a key, the name under which it belongs to the model, and that it is not JSON."""
        alias = field.validation_alias if isinstance(field.validation_alias, str) else field_name
        for name in (alias, field_name):
            if name.lower() in _ENVIRONMENTS:
                return self._find(_ENVIRONMENTS[name.lower()]), alias, False
        return None, alias, False

    def _find(self, environment: Optional[Environment]) -> Optional[str]:
        try:
            found = resolve_key(environment=environment, directory=self._directory, boundary=self._boundary)
        except ApiKeyError as error:
            if error.code == "key_not_found":
                return None
            raise
        return found.key.reveal()

    def __call__(self) -> dict[str, Any]:
        """Return the keys that were found."""
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {name: value for value, name, _ in found if value is not None}
