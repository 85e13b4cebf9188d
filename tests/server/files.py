"""Real files of every kind, as small as they can be, and some that pretend."""

import io
import struct
import wave
import zipfile
import zlib


def png(width: int = 2, rest: bytes = b"") -> bytes:
    """A picture; `rest` follows its end, where no viewer looks."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + b"\x7f\x10\x10" * width for _ in range(width))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + rest


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(64) + b"\xff\xd9"
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
WEBP = b"RIFF" + struct.pack("<I", 26) + b"WEBPVP8L" + struct.pack("<I", 13) + bytes(14)
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01" + bytes(40)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00" + bytes(400)
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00isomiso2" + bytes(40)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(40)
THREE_GP = b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x02\x003gp4isom" + bytes(40)
AAC = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(40)
AMR = b"#!AMR\n\x3c" + bytes(31)
WEBM = (
    b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + b"\x86\x85V_VP8" + bytes(9)
)
WEBA = WEBM.replace(b"V_VP8", b"A_OPUS")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"
POLYGLOT = png(rest=HTML)
PROGRAM = b"MZ\x90\x00" + bytes(200)


def wav() -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(1_600))
    return kept.getvalue()


def archive(*names: str, content: bytes = b"<x/>") -> bytes:
    """A ZIP archive that holds files of these names."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as written:
        for name in names:
            written.writestr(name, content)
    return kept.getvalue()


TYPES = "[Content_Types].xml"
DOCX = archive(TYPES, "_rels/.rels", "word/document.xml")
XLSX = archive("_rels/.rels", "xl/workbook.xml", TYPES)
PPTX = archive(TYPES, "ppt/presentation.xml")
