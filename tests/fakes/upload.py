"""A file in a form that the hub posts to a platform."""

from dataclasses import dataclass
from typing import Self

from aiohttp.web import FileField


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    content: bytes

    @classmethod
    def read(cls, field: FileField | bytes | bytearray) -> Self:
        assert isinstance(field, FileField), "a file has a name"
        return cls(field.filename, field.content_type, field.file.read())
