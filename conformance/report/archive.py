"""A report that comes as an archive, zip or tar, unpacked within limits, as it may come from anybody."""

import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Self

from conformance.report import folder
from conformance.settings import UsageProblem
from conformance.untrusted import MOST_FILE

MOST_MEMBERS = 10_000
MOST_UNPACKED = 8 * MOST_FILE  # bytes of all files together
CHUNK = 1024 * 1024
MOST_LISTED = 2 * CHUNK  # bytes of the list of files at the end of a zip: 200 for each of MOST_MEMBERS
HEADERS = (  # types of headers that describe the next file
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
Member = tuple[str, IO[bytes] | None]  # a file's name, and its content; None for what is neither file nor directory


class _Header(tarfile.TarInfo):
    """A header of bounded length: tarfile would read long names, or attributes, of any length into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in HEADERS and header.size > CHUNK:
            raise ValueError("a header of more than 1 MiB")
        return header


class _Pieces(io.FileIO):
    """A file that refuses large reads: zipfile reads the list of all files in one, and keeps much of it."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_LISTED:
            raise ValueError(f"a list of its files of more than {MOST_LISTED // CHUNK} MiB")
        return super().read(size)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The path of the report: for an archive the directory in which it is unpacked while the block lasts, else `path`
    itself.

    Raises UsageProblem for an archive that is damaged, has no report, or is larger or other than a report's is.
    """
    if not _is_archive(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="gman-") as place:
        try:
            _unpack(path, Path(place))
        except (
            OSError,
            EOFError,
            tarfile.TarError,
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            RuntimeError,
            ValueError,
        ) as error:
            raise UsageProblem(f"{path}: {error}: name an archive of a report's directory") from None
        reports = sorted(Path(place).rglob(folder.JSON))
        if len(reports) != 1:
            raise UsageProblem(f"{path}: {len(reports)} reports in it: name an archive of one report's directory")
        yield reports[0].parent


def _is_archive(path: Path) -> bool:
    try:
        return path.is_file() and (zipfile.is_zipfile(path) or _is_tar(path))
    except OSError:
        return False  # reading it as a report reports the error


def _is_tar(path: Path) -> bool:
    """As tarfile.is_tarfile, which would read a header of any length."""
    try:
        tarfile.open(path, "r|*", tarinfo=_Header).close()
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError):
        return False
    except (ValueError, RuntimeError):
        return True  # unpacking it reports the error
    return True


def _unpack(path: Path, place: Path) -> None:
    """Write the files of the archive below `place`. Raises ValueError for one that breaks a bound."""
    if path.stat().st_size > MOST_UNPACKED:
        raise ValueError(f"larger than {MOST_UNPACKED // CHUNK} MiB")
    allowed = MOST_UNPACKED
    for number, (name, content) in enumerate(_members(path)):
        parts = PurePosixPath(name).parts
        if number >= MOST_MEMBERS:
            raise ValueError(f"more than {MOST_MEMBERS:,} files")
        if content is None or not parts or ".." in parts or PurePosixPath(name).is_absolute() or "\\" in name:
            raise ValueError(f"{name!r} is no file below it")
        target = place.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:  # a file that is there twice is an error
            most = min(allowed, MOST_FILE)
            allowed -= _copy(content, file, most)


def _copy(content: IO[bytes], file: IO[bytes], most: int) -> int:
    """The number of bytes copied. Raises ValueError where there are more than `most`."""
    size = 0
    while chunk := content.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise ValueError(f"a file of more than {MOST_FILE // CHUNK} MiB, or {MOST_UNPACKED // CHUNK} MiB of files")
        file.write(chunk)
    return size


def _members(path: Path) -> Iterator[Member]:
    """The files of the archive, one after the other; directories are left out."""
    if zipfile.is_zipfile(path):
        with _Pieces(path) as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as content:
                        yield info.filename, content
        return
    with tarfile.open(path, "r|*", tarinfo=_Header) as stream:
        for number, member in enumerate(iter(stream.next, None)):
            stream.members.clear()  # type: ignore[attr-defined]  # which it would keep
            if number >= MOST_MEMBERS:
                raise ValueError(f"more than {MOST_MEMBERS:,} files and directories")
            if not member.isdir():
                yield member.name, stream.extractfile(member) if member.isreg() else None
