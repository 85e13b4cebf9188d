"""The files that a customer can send: small, and made here."""

import struct
import zlib

from tests.fakes.files import File

_SECONDS = 3
_FRAME = b"\xf8\xff\xfe"  # 20 ms of silence, as Opus writes it
_FRAMES_OF_A_PAGE = 50
_RATE = 48_000


def picture() -> File:
    """Mountains under a morning sky."""
    return File(_png(320, 220), "image/png", "foto.png")


def voice() -> File:
    """A voice message in which nobody says anything."""
    return File(_ogg_opus(), "audio/ogg", "voz.ogg")


def document() -> File:
    return File(_pdf("Factura RX-4821"), "application/pdf", "factura-RX-4821.pdf")


def _png(width: int, height: int) -> bytes:
    rows = b"".join(b"\x00" + b"".join(_colour(x, y, height) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _colour(x: int, y: int, height: int) -> bytes:
    near = height * 0.55 + abs((x * 1.3 + 90) % 190 - 95) * 0.8
    far = height * 0.4 + abs((x + 40) % 140 - 70) * 0.7
    if y > near:
        return bytes((11, 74, 79))
    if y > far:
        return bytes((76, 139, 140)) if y > far + 14 else bytes((250, 250, 247))
    return bytes((253 - y // 4, 226 - y // 5, 190 + y // 6))


def _pdf(title: str) -> bytes:
    """One page with one line."""
    text = f"BT /F1 24 Tf 60 720 Td ({title}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, held in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s endobj\n" % (number, held)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return written + end % (count, table, count, len(written))


def _ogg_opus() -> bytes:
    head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 0, _RATE, 0, 0)
    maker = b"Relevo"
    tags = struct.pack("<8sI", b"OpusTags", len(maker)) + maker + struct.pack("<I", 0)
    pages = [_page([head], 0, 2, 0), _page([tags], 1, 0, 0)]
    for number in range(_SECONDS):
        last = 4 if number == _SECONDS - 1 else 0
        pages.append(_page([_FRAME] * _FRAMES_OF_A_PAGE, number + 2, last, (number + 1) * _RATE))
    return b"".join(pages)


def _page(packets: list[bytes], number: int, flags: int, position: int) -> bytes:
    """A page of an Ogg stream; every packet of ours is shorter than 255 bytes."""
    sizes = bytes(map(len, packets))
    head = struct.pack("<4sBBQIIIB", b"OggS", 0, flags, position, 0x52454C45, number, 0, len(sizes))
    page = head + sizes + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    """Ogg's own CRC-32: no reflection, nothing at the start or the end."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value
