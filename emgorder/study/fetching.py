"""Fetching a public data set from its publisher: all of it, checked, or nothing."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from emgorder.errors import EmgOrderError, MissingExtraError, RecordingError
from emgorder.files import replace_files, why_not_written
from emgorder.study.catalogue import DataFile, Dataset, Original
from emgorder.study.originals import Table

__all__ = ["CHECKSUMS", "default_cache", "fetch", "find_fetched"]

CHECKSUMS = "checksums.json"
"""In the cache: address to SHA-256 of what came from there the first time, for files whose checksum is not pinned."""

TIMEOUT_S = 60.0
_RMS_ERROR = 1e-4
_META = "meta.json"
_SHOP = ".fetching-"
_LEFT_AFTER_S = 86400.0  # no download takes a day


def default_cache() -> Path:
    """Return the folder that fetched data sets are kept in, of the system's caches of this user.

    Raises
    ------
    MissingExtraError
        pooch is not installed.
    """
    return Path(_pooch().os_cache("emgorder")) / "datasets"


def find_fetched(dataset: Dataset, cache: Path) -> Path | None:
    """Return the folder of a data set that was fetched before, None where it was not.

    Raises
    ------
    RecordingError
        A file in it is not as it was written.
    """
    folder = cache / dataset.name
    if not folder.is_dir():
        return None
    remedy = f"delete the folder {folder} to have it fetched again"
    try:
        sums = json.loads((folder / _META).read_text(encoding="utf-8"))["sha256"]
        for name, expected in {**{file.name: "" for file in dataset.files}, **sums}.items():
            if _sha256(folder / name) != expected:
                raise RecordingError(f"has changed since it was fetched: {remedy}", path=folder / name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordingError(f"is not whole ({error}): {remedy}", path=folder) from error
    return folder


def fetch(dataset: Dataset, cache: Path) -> Path:
    """Fetch a data set from its publisher, convert it, check it, and return its folder.

    Nothing is kept unless all of it is right. A file whose SHA-256 is not known beforehand is checked through what is
    in it; then its checksum is noted in the cache, and whatever else comes from that address later is refused.

    Parameters
    ----------
    dataset : Dataset
        What to fetch.
    cache : Path
        Folder of all fetched data sets; made where it is missing.

    Raises
    ------
    RecordingError
        It is not offered by its publisher, cannot be reached or written, came torn, has another checksum than it should
        have, or does not hold the recordings it should.
    MissingExtraError
        pooch, or what reads the publisher's format, is not installed.
    """
    if dataset.convert is None or not dataset.originals:
        raise RecordingError(f"the data set {dataset.name} cannot be fetched: {dataset.why_not_fetched}")
    known = _noted(cache)
    with _workshop(cache) as shop:
        sums = {o.url: _fetch_one(o, shop / f"original-{i}", dataset) for i, o in enumerate(dataset.originals)}
        for original in dataset.originals:
            _check_sum(original, sums[original.url], known, cache)
        paths = {o.name: shop / f"original-{i}" for i, o in enumerate(dataset.originals)}
        new = shop / "new"
        _write(dataset, _converted(dataset, paths), new)
        unpinned = {o.url: sums[o.url] for o in dataset.originals if not o.sha256}
        if unpinned.keys() - known.keys():
            replace_files({cache / CHECKSUMS: [json.dumps({**known, **unpinned}, indent=1).encode()]})
        folder = _put(new, cache / dataset.name, dataset, cache)
    _announce(dataset, folder, unpinned if unpinned.keys() - known.keys() else {}, cache)
    return folder


def _pooch() -> Any:
    try:
        import pooch
    except ImportError as error:
        raise MissingExtraError("pooch", "study") from error
    return pooch


def _fetch_one(original: Original, path: Path, dataset: Dataset) -> str:
    """Write one file of the publisher to `path` and return its SHA-256."""
    pooch = _pooch()
    import requests

    instead = f"or get the data set in another way and set EMGORDER_DATA to a folder that holds {dataset.name}/"
    try:
        pooch.HTTPDownloader(timeout=TIMEOUT_S)(original.url, str(path), None)
    except requests.HTTPError as error:
        status = "an error" if error.response is None else error.response.status_code
        raise RecordingError(
            f"the publisher answers {status} for {original.url}: it was moved or withdrawn; try again later, {instead}"
        ) from error
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
        raise RecordingError(
            f"{original.url} came only in part ({error}): nothing was kept; try again, {instead}"
        ) from error
    except requests.RequestException as error:
        raise RecordingError(
            f"{original.url} cannot be reached ({type(error).__name__}): connect to the network and try again, "
            f"{instead}"
        ) from error
    except OSError as error:
        raise RecordingError(f"not written, {why_not_written(error)}", path=path) from error
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _noted(cache: Path) -> dict[str, str]:
    path = cache / CHECKSUMS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise RecordingError(
            f"cannot be read ({error}): it says what was fetched before; delete it to take what comes next as right",
            path=path,
        ) from error
    if not isinstance(content, dict):
        raise RecordingError("is no list of checksums: delete it to take what comes next as right", path=path)
    return {str(url): str(sum_) for url, sum_ in content.items()}


def _check_sum(original: Original, found: str, known: Mapping[str, str], cache: Path) -> None:
    if original.sha256 and found != original.sha256:
        raise RecordingError(
            f"{original.url} has the SHA-256 {found}, not {original.sha256} as it should: it was changed or damaged on "
            "its way; nothing was kept; try again from another network, and tell us if it stays so"
        )
    noted = known.get(original.url, found)
    if not original.sha256 and found != noted:
        raise RecordingError(
            f"{original.url} has the SHA-256 {found}, and {noted} when it was first fetched: the publisher changed it, "
            f"or it was damaged on its way; nothing was kept. If the change is meant, remove its line from "
            f"{cache / CHECKSUMS}"
        )


def _converted(dataset: Dataset, paths: Mapping[str, Path]) -> dict[str, Table]:
    assert dataset.convert is not None
    try:
        tables = dict(dataset.convert(paths))
        for file in dataset.files:
            tables[file.name] = _fitting(tables, file)
    except MissingExtraError:
        raise
    except EmgOrderError as error:
        raise RecordingError(_unlike(dataset, str(error))) from error
    except Exception as error:  # readers of foreign formats fail in any way on what is no such file
        raise RecordingError(_unlike(dataset, f"{type(error).__name__}: {error!s:.200}")) from error
    return tables


def _unlike(dataset: Dataset, why: str) -> str:
    names = ", ".join(o.url for o in dataset.originals[:2]) + (", ..." if len(dataset.originals) > 2 else "")
    return (
        f"what came from {names} does not hold the recordings of {dataset.name} ({why}): a page of the network or of "
        "the publisher may have come in its place; nothing was kept; open the address in a browser, and try again"
    )


def _fitting(tables: Mapping[str, Table], file: DataFile) -> Table:
    """Return the table of a recording with just its channels, after comparing it with what is known of it."""
    if file.name not in tables:
        raise RecordingError(f"no {file.name}")
    table = tables[file.name]
    if missing := [label for label in file.channels if label not in table.columns]:
        raise RecordingError(f"{file.name} has no channel {', '.join(missing)}")
    if table.sampling_frequency != file.sampling_frequency:
        raise RecordingError(f"{file.name} has {table.sampling_frequency} Hz, not {file.sampling_frequency:g} Hz")
    data = table.data[:, [table.columns.index(label) for label in file.channels]]
    if data.shape[0] != file.n_samples:
        raise RecordingError(f"{file.name} has {data.shape[0]} samples, not {file.n_samples}")
    rms = float(np.sqrt(np.mean(data**2)))
    if not abs(rms - file.rms) <= _RMS_ERROR * file.rms:
        raise RecordingError(f"the values of {file.name} have an RMS of {rms:.6g}, not {file.rms:.6g} {file.unit}")
    return Table(file.channels, data, table.sampling_frequency, table.start_s)


@contextmanager
def _workshop(cache: Path) -> Iterator[Path]:
    """Yield a folder in the cache that is gone afterwards."""
    shop = cache / f"{_SHOP}{secrets.token_hex(6)}"
    try:
        shop.mkdir(parents=True)
        for left in cache.glob(f"{_SHOP}*"):  # by a process that was killed
            if time.time() - left.stat().st_mtime > _LEFT_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        raise RecordingError(f"not made, {why_not_written(error)}", path=shop) from error
    try:
        yield shop
    finally:
        shutil.rmtree(shop, ignore_errors=True)


def _write(dataset: Dataset, tables: Mapping[str, Table], folder: Path) -> None:
    import pandas as pd

    units = {file.name: file.unit for file in dataset.files}
    described: dict[str, Any] = {}
    try:
        folder.mkdir()
        for name, table in tables.items():
            text = {
                c: pd.Series([f"{v:.7g}" for v in column])
                for c, column in zip(table.columns, table.data.T, strict=True)
            }
            frame = pd.DataFrame(text)
            if table.sampling_frequency is not None:
                time_s = table.start_s + np.arange(len(frame)) / table.sampling_frequency
                frame.insert(0, "time_s", [f"{t:.6f}" for t in time_s])
                described[name] = {
                    "fs": table.sampling_frequency,
                    "unit": units.get(name, ""),
                    "n": len(frame),
                    "channels": list(table.columns),
                    "t0": table.start_s,
                }
            frame.to_csv(folder / name, index=False, lineterminator="\n")
        (folder / "SOURCE.txt").write_text(
            f"{dataset}\n" + "".join(f"{o.url}\n" for o in dataset.originals), encoding="utf-8"
        )
        sums = {name: _sha256(folder / name) for name in tables}
        meta = json.dumps({"files": described, "sha256": sums}, indent=1)
        (folder / _META).write_text(meta, encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"not written, {why_not_written(error)}", path=folder) from error


def _put(new: Path, folder: Path, dataset: Dataset, cache: Path) -> Path:
    try:
        new.rename(folder)
    except OSError as error:
        if (found := find_fetched(dataset, cache)) is not None:  # another process was quicker
            return found
        raise RecordingError(f"not written, {why_not_written(error)}", path=folder) from error
    return folder


def _announce(dataset: Dataset, folder: Path, noted: Mapping[str, str], cache: Path) -> None:
    """Tell on the error stream whose data these are; said once, when they arrive."""
    lines = [f"Fetched to {folder}", str(dataset)]
    if noted:
        lines.append(
            f"No checksum of the publisher's files was known; what came was checked by its content, and is now noted "
            f"in {cache / CHECKSUMS}, so that a later change is refused:"
        )
        lines += [f"  {sum_}  {url}" for url, sum_ in noted.items()]
    sys.stderr.write("\n".join(lines) + "\n")
