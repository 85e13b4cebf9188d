"""What a file is, by its first and last bytes, and what it may be called. Pure. What is not listed here is not taken.

What its sender says of it counts for nothing: whoever looks at it later believes the type that we name.
"""

import re
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

HEAD = 4_096
TAIL = 1_000_000  # where a ZIP archive says what it holds
MAX_NAME = 120
# NUL and its like, which no text has; tabs and the ends of lines and pages are left out.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class FileType:
    """`kind` as in docs/protocol.md; the first of `endings` is given to a name that has none of them. `inline`: a
    browser shows it without running anything of it."""

    mime: str
    kind: str
    endings: tuple[str, ...]
    inline: bool = True


JPEG = FileType("image/jpeg", "image", (".jpg", ".jpeg", ".jfif"))
PNG = FileType("image/png", "image", (".png",))
GIF = FileType("image/gif", "image", (".gif",))
WEBP = FileType("image/webp", "image", (".webp",))
OGG = FileType("audio/ogg", "audio", (".ogg", ".oga", ".opus"))
MP3 = FileType("audio/mpeg", "audio", (".mp3",))
M4A = FileType("audio/mp4", "audio", (".m4a",))
AAC = FileType("audio/aac", "audio", (".aac",))
AMR = FileType("audio/amr", "audio", (".amr",))
WAV = FileType("audio/wav", "audio", (".wav",))
WEBA = FileType("audio/webm", "audio", (".weba", ".webm"))
MP4 = FileType("video/mp4", "video", (".mp4", ".m4v"))
THREE_GP = FileType("video/3gpp", "video", (".3gp",))
WEBM = FileType("video/webm", "video", (".webm",))
PDF = FileType("application/pdf", "document", (".pdf",))
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileType(f"{_OFFICE}wordprocessingml.document", "document", (".docx",), inline=False)
XLSX = FileType(f"{_OFFICE}spreadsheetml.sheet", "document", (".xlsx",), inline=False)
PPTX = FileType(f"{_OFFICE}presentationml.presentation", "document", (".pptx",), inline=False)
CSV = FileType("text/csv", "document", (".csv",), inline=False)
TEXT = FileType("text/plain", "document", (".txt",), inline=False)
TYPES = {
    one.mime: one
    for one in (
        *(JPEG, PNG, GIF, WEBP, OGG, MP3, M4A, AAC, AMR, WAV, WEBA, MP4, THREE_GP, WEBM),
        *(PDF, DOCX, XLSX, PPTX, CSV, TEXT),
    )
}
_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"\xff\xf2", MP3),
    (b"\xff\xf1", AAC),
    (b"\xff\xf9", AAC),
    (b"#!AMR", AMR),
    (b"%PDF-", PDF),
)
_OFFICE_PARTS = ((b"word/document.xml", DOCX), (b"xl/workbook.", XLSX), (b"ppt/presentation.xml", PPTX))


def type_of(head: bytes, tail: bytes, name: str = "") -> FileType | None:
    """The type of a file that begins with `head` (HEAD bytes or all) and ends with `tail` (TAIL bytes or all). The name
    only tells tables from other text. None: it is nothing that we take."""
    if found := next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None):
        return found
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[:4] == b"OggS":
        return None if b"\x80theora" in head else OGG
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[:4] == b"\x1aE\xdf\xa3":
        return _matroska(head)
    if head[:4] == b"PK\x03\x04":
        return _office(tail)
    if _is_text(head) and _is_text(tail, cut=True):
        return CSV if name.lower().endswith(".csv") else TEXT
    return None


def _iso_media(head: bytes) -> FileType | None:
    brand = head[8:12]
    if brand.startswith(b"3g"):
        return THREE_GP
    if brand in (b"M4A ", b"M4B "):
        return M4A
    return MP4 if brand.startswith((b"isom", b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash")) else None


def _matroska(head: bytes) -> FileType | None:
    if b"webm" not in head[:64]:
        return None
    return WEBA if b"A_OPUS" in head and b"V_" not in head else WEBM


def _office(tail: bytes) -> FileType | None:
    """A document of an office program, by the list of its parts; it is never unpacked. None for other archives, and for
    documents with programs in them."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return None
    size = int(struct.unpack_from("<I", tail, at + 12)[0])
    parts = tail[at - size : at] if size <= at else b""
    if b"[Content_Types].xml" not in parts or b"vbaProject.bin" in parts:
        return None
    return next((kind for part, kind in _OFFICE_PARTS if part in parts), None)


def _is_text(part: bytes, cut: bool = False) -> bool:
    """UTF-8 without control characters. A letter may be `cut` at the front; at the end it may be in any part."""
    if cut:
        part = part.lstrip(bytes(range(0x80, 0xC0)))
    for missing in range(4):
        try:
            text = part[: len(part) - missing].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        return _CONTROL.search(text) is None
    return False


def safe_name(name: str, kind: FileType) -> str:
    """The plain name with an ending that says what the file is."""
    clean = plain_name(name)
    stem, ending = clean, PurePosixPath(clean).suffix
    if ending.lower() in kind.endings:
        stem = clean[: -len(ending)].rstrip(" .")
    else:
        ending = kind.endings[0]
    return (stem[: MAX_NAME - len(ending)].rstrip(" .") or kind.kind) + ending


def plain_name(name: str) -> str:
    """A name that is good for every disk and every page: one line, no folders, nothing that turns the writing round.
    It may be empty."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", last))
    shown = "".join(sign for sign in shown if unicodedata.category(sign)[0] != "C")
    clean = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*%]', "_", shown)).strip(" .")
    return clean if len(clean) <= MAX_NAME else clean[: MAX_NAME // 2] + "…" + clean[-MAX_NAME // 2 + 1 :]
