"""What a file is, is told by its bytes; what it is called harms nobody."""

import unicodedata

import files
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handoff_server.file_type import HEAD, MAX_NAME, PNG, TAIL, TEXT, TYPES, safe_name, type_of

KNOWN = {
    "image/png": files.png(),
    "image/jpeg": files.JPEG,
    "image/gif": files.GIF,
    "image/webp": files.WEBP,
    "audio/ogg": files.OGG,
    "audio/mpeg": files.MP3,
    "audio/mp4": files.M4A,
    "audio/aac": files.AAC,
    "audio/amr": files.AMR,
    "audio/wav": files.wav(),
    "audio/webm": files.WEBA,
    "video/mp4": files.MP4,
    "video/3gpp": files.THREE_GP,
    "video/webm": files.WEBM,
    "application/pdf": files.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": files.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": files.XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": files.PPTX,
    "text/plain": "Ñandú, ¿dónde está?\n".encode(),
}


def told(content: bytes, name: str = "") -> str | None:
    found = type_of(content[:HEAD], content[-TAIL:], name)
    return found.mime if found else None


@pytest.mark.parametrize("mime", KNOWN)
def test_every_type_that_is_taken_is_known_by_its_bytes_whatever_it_is_called(mime: str) -> None:
    assert told(KNOWN[mime], "programa.exe") == mime


def test_there_is_a_file_for_every_type() -> None:
    assert {*KNOWN, "text/csv"} == TYPES.keys()
    assert told(b"pedido;estado\nRX-1;enviado\n", "Pedidos.CSV") == "text/csv"


@pytest.mark.parametrize(
    "content",
    [
        *(files.PROGRAM, b"\x7fELF" + bytes(60), bytes(100), b"hola\x00mundo", b"\xff\xfe<\x00s\x00"),
        *(files.archive("a.txt"), files.archive("word/document.xml"), files.archive(files.TYPES, "META-INF/x")),
        files.archive(files.TYPES, "word/document.xml", "word/vbaProject.bin"),
        *(files.DOCX[:-10], b"PK\x03\x04" + bytes(30), b"PK\x03\x04PK\x05\x06" + b"\xff" * 18),
        *(b"RIFF\x00\x00\x00\x00AVI ", b"OggS" + bytes(30) + b"\x80theora", b"\x00\x00\x00\x18ftypheic" + bytes(20)),
        *(b"\x1aE\xdf\xa3\x9fmatroska" + bytes(60), b"hola " * 2_000 + b"\x00\x01\x02"),
    ],
)
def test_what_is_not_listed_is_not_taken(content: bytes) -> None:
    assert told(content, "foto.png") is None


@pytest.mark.parametrize("content", [files.HTML, files.SVG])
def test_pages_and_drawings_are_text_and_text_is_never_shown_inline(content: bytes) -> None:
    assert told(content, "dibujo.svg") == "text/plain" and not TEXT.inline
    assert safe_name("dibujo.svg", TEXT) == "dibujo.svg.txt"


def test_long_text_is_text_where_a_letter_is_cut() -> None:
    assert told(("ñ" * (TAIL // 2 + HEAD) + "a").encode()) == "text/plain"
    assert told(("a" + "ñ" * (TAIL // 2 + HEAD)).encode()) == "text/plain"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("", "image.png"),
        (".png", "png.png"),
        ("foto.PNG", "foto.PNG"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\fotos\\yo.png", "yo.png"),
        ("a\r\nSet-Cookie: x=1.png", "a Set-Cookie_ x=1.png"),
        ("gnp.\u202eexe.png", "gnp.exe.png"),
        ("factura.pdf.exe", "factura.pdf.exe.png"),
        ("  . ..", "image.png"),
        ("foto\x00.png", "foto.png"),
        ("año 2026 — última.png", "año 2026 — última.png"),
    ],
)
def test_hostile_names_become_safe_ones(name: str, safe: str) -> None:
    assert safe_name(name, PNG) == safe


@given(st.text(max_size=1_200))
@example("x" * 1_000)
@example("x" * 1_000 + ".png")
@example("\u202e" * 500)
def test_any_name_is_one_short_line_with_the_right_ending(name: str) -> None:
    safe = safe_name(name, PNG)
    assert 4 < len(safe) <= MAX_NAME and safe.lower().endswith(".png")
    assert not any(unicodedata.category(sign)[0] == "C" or sign in '/\\\r\n"' for sign in safe)
