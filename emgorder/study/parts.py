"""Parts of the tables of a batch: Parquet files, each written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emgorder.errors import MissingExtraError, RecordingError
from emgorder.files import replace_files
from emgorder.study.columns import TABLES, arrow_schema

__all__ = ["arrow_table", "drop_rows", "part_numbers", "part_path", "read_part", "rows_of", "write_part"]


def write_part(folder: Path, number: int, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of some files as one part of every table; a part of this number is replaced."""
    columns: dict[str, dict[str, list[Any]]] = {
        table: {name: [] for name, _, _ in kinds} for table, kinds in TABLES.items()
    }
    seen: set[str] = set()
    for entry in entries:
        if entry["file_id"] in seen:  # the same path was given twice
            continue
        seen.add(entry["file_id"])
        for table, rows in rows_of(entry).items():
            for name, values in columns[table].items():
                values.extend(rows[name])
    for table, held in columns.items():
        _write(part_path(folder, table, number), arrow_table(table, held))


def rows_of(entry: Mapping[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """Return the rows that one file adds to each table, a list a column."""
    stamp = {name: [entry[name]] for name in ("path", "file_id", "stamp")}
    if entry["kind"]:
        return {"errors": {**stamp, "kind": [entry["kind"]], "message": [entry["error"]]}}
    tables = {"sessions": {**stamp, **{name: [value] for name, value in entry["session"].items()}}}
    for table, columns in entry["columns"].items():
        n_rows = len(next(iter(columns.values())))
        tables[table] = {"path": stamp["path"] * n_rows, **columns}
    return tables


def arrow_table(table: str, columns: Mapping[str, list[Any]]) -> Any:
    """Return lists, one a column, as an Arrow table of the written types."""
    pa = arrow()
    schema = arrow_schema(table)
    made = {}
    for name, kind, _ in TABLES[table]:
        values = columns[name]
        if kind in _CLEANED:
            values = [_CLEANED[kind](value) for value in values]
        made[name] = pa.array(values, schema.field(name).type)
    return pa.table(made, schema=schema)


def read_part(path: Path, columns: list[str] | None = None) -> Any:
    """Return a part as an Arrow table.

    Raises
    ------
    RecordingError
        The file cannot be read.
    """
    arrow()
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(io.BytesIO(path.read_bytes())).read(columns=columns)
    except (OSError, ValueError) as error:  # ValueError: pyarrow's own errors
        raise RecordingError(
            f"cannot be read ({error}): start the batch anew in another folder, or put the file back", path=path
        ) from error


def drop_rows(folder: Path, number: int, paths: set[str]) -> None:
    """Take the rows of some files out of every table of a part.

    The tables that tell which files are done come last: whatever stops this, it can be done again.
    """
    pa = arrow()
    import pyarrow.compute as pc

    for table in TABLES:
        path = part_path(folder, table, number)
        whole = read_part(path)
        kept = whole.filter(pc.invert(pc.is_in(whole["path"], pa.array(sorted(paths), pa.string()))))
        if kept.num_rows < whole.num_rows:
            _write(path, kept)


def part_path(folder: Path, table: str, number: int) -> Path:
    """Return where a part is."""
    return folder / table / f"part-{number:05d}.parquet"


def part_numbers(folder: Path) -> Iterator[int]:
    """Yield the numbers of the parts that are there whole, the first first."""
    last = next(reversed(TABLES))
    for path in sorted((folder / last).glob("part-*.parquet"), key=lambda p: (len(p.name), p.name)):
        number = path.stem.removeprefix("part-")
        if number.isdecimal() and path == part_path(folder, last, int(number)):
            yield int(number)


def arrow() -> Any:
    """Return pyarrow.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("pyarrow", "study") from error
    return pyarrow


def _write(path: Path, table: Any) -> None:
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd")
    replace_files({path: [held.getvalue()]})


def _text(value: Any) -> str | None:
    return None if value is None else str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _whole(value: Any) -> int | None:
    return None if value is None or value != value else int(value)


_CLEANED: dict[str, Callable[[Any], Any]] = {"string": _text, "int64": _whole}
