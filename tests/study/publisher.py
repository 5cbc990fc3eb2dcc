"""A publisher's server on this machine, and files in the forms that publishers use."""

from __future__ import annotations

import gzip
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import scipy.io

from emgorder.model import FloatArray
from emgorder.study.catalogue import Dataset, Original

ERROR_PAGE = b"<!DOCTYPE html><html><body>Please log in to this network</body></html>"


@dataclass
class Publisher:
    """What the server has: path to content; ``torn`` paths break off half-way."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def offers(self, dataset: Dataset, folder: Path) -> Dataset:
        """Serve the files of a folder as the originals of `dataset`, and return it with these addresses."""
        originals = []
        for number, original in enumerate(dataset.originals):
            path = f"/{dataset.name}/{number}"
            self.files[path] = (folder / original.name).read_bytes()
            originals.append(Original(original.name, self.url + path, original.sha256))
        return replace(dataset, originals=tuple(originals))


@contextmanager
def running() -> Iterator[Publisher]:
    """Serve until the end of the block."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(self.path)
            body = publisher.files.get(self.path)
            self.send_response(200 if body is not None else 404)
            body = ERROR_PAGE if body is None else body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.path in publisher.torn else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    publisher.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_originals(dataset: Dataset, signals: dict[str, FloatArray], folder: Path, start_s: float = 0.0) -> None:
    """Write the publisher's files of a data set whose recordings are `signals`."""
    folder.mkdir(exist_ok=True)
    write = {
        "biosignalsnotebooks": _opensignals,
        "biosppy_examples": _simple_text,
        "emggo_ta_250hz": _emggo,
        "lift12kg_8ch": _mats,
        "uci_gestures_myo": _gestures,
        "uci_lower_limb": _datalogs,
    }
    if dataset.name == "musclesynergies_walking":
        _rdata(dataset, signals, folder, start_s)
    else:
        write[dataset.name](dataset, signals, folder)


def _rdata(dataset: Dataset, signals: dict[str, FloatArray], folder: Path, start_s: float) -> None:
    (file,) = dataset.files
    emg = pd.DataFrame(signals[file.name], columns=list(file.channels))
    emg.insert(0, "Time", start_s + np.arange(len(emg)) / file.sampling_frequency)
    cycles = pd.DataFrame({"V1": [1.414, 2.448], "V2": [2.074, 3.115]})
    trial = _r_list({"cycles": _r_frame(cycles), "emg": _r_frame(emg)}, {"class": _r_strings(["EMG"])})
    whole = _r_pairs({"RAW_DATA": _r_list({"ID0012_TW_01": trial})})
    head = b"RDX2\nX\n" + struct.pack(">iii", 2, 0x40102, 0x20300)
    (folder / dataset.originals[0].name).write_bytes(gzip.compress(head + whole))


# What R's save() writes, after "R Internals", section 1.8: big-endian, each item after its type and flags.
_R_NIL = struct.pack(">i", 254)
_HAS_ATTRIBUTES, _IS_OBJECT, _HAS_TAG = 1 << 9, 1 << 8, 1 << 10


def _r_char(text: str) -> bytes:
    return struct.pack(">ii", 9 | 64 << 12, len(text)) + text.encode("ascii")


def _r_strings(texts: list[str]) -> bytes:
    return struct.pack(">ii", 16, len(texts)) + b"".join(map(_r_char, texts))


def _r_numbers(values: FloatArray) -> bytes:
    return struct.pack(">ii", 14, len(values)) + values.astype(">f8").tobytes()


def _r_pairs(items: dict[str, bytes]) -> bytes:
    return b"".join(struct.pack(">ii", 2 | _HAS_TAG, 1) + _r_char(k) + v for k, v in items.items()) + _R_NIL


def _r_list(items: dict[str, bytes], more: dict[str, bytes] | None = None) -> bytes:
    flags = 19 | _HAS_ATTRIBUTES | (_IS_OBJECT if more else 0)
    attributes = {"names": _r_strings(list(items)), **(more or {})}
    return struct.pack(">ii", flags, len(items)) + b"".join(items.values()) + _r_pairs(attributes)


def _r_frame(frame: pd.DataFrame) -> bytes:
    rows = struct.pack(">iiii", 13, 2, -(2**31), -len(frame))
    columns = {str(name): _r_numbers(frame[name].to_numpy()) for name in frame.columns}
    return _r_list(columns, {"class": _r_strings(["data.frame"]), "row.names": rows})


def _datalogs(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    for file in dataset.files:
        n = len(signals[file.name])
        lines = [f"File Name: {Path(file.name).stem}.log"]
        for i, label in enumerate(file.channels):
            name, _, unit = label.partition("_")
            count, more = (n, "") if not unit else (n // 20, ", extrapolated from 50 to 1000 samples per second")
            lines.append(
                f"Channel {i + 1}: '{name}', {count} values, engineering units: {unit or 'mV'}, no filters{more}."
            )
        lines += ["", *("\t".join(f"{v:.7g}" for v in row) for row in signals[file.name])]
        (folder / f"{Path(file.name).stem}.txt").write_text("\n".join(lines) + "\n", newline="\r\n")


def _simple_text(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    for file in dataset.files:
        head = ["# Simple Text Format", "# Sampling Rate (Hz):= 1000.00", "# Resolution:= 12", "# Labels:= EMG"]
        lines = head + [f"{v:.1f}" for v in signals[file.name][:, 0]]
        (folder / f"{Path(file.name).stem}.txt").write_text("\n".join(lines) + "\n")


def _gestures(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    head = "\t".join(["time", *(f"channel{i}" for i in range(1, 9)), "class"])
    rows = [
        "\t".join([str(i + 1), *(f"{v * 1e-5:.5g}" for v in row), "1"])
        for i, row in enumerate(signals["session1_1k_first60s.csv"])
    ]
    (folder / dataset.originals[0].name).write_text("\n".join([head, *rows]) + "\n")


def _mats(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    for i, column in enumerate(signals["lift12kg.csv"].T):
        content = {"en_g_list": np.zeros((3, 1)), "semg": column[:, None]}
        scipy.io.savemat(folder / f"12_{i + 1}.mat", content, do_compression=True)


def _emggo(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    structure = {"EMG": {"channelData": signals["ta.csv"], "fs": 250.0}}
    scipy.io.savemat(folder / dataset.originals[0].name, structure, do_compression=True)


def _opensignals(dataset: Dataset, signals: dict[str, FloatArray], folder: Path) -> None:
    with h5py.File(folder / dataset.originals[0].name, "w") as file:
        device = file.create_group("00:07:80:3B:46:61")
        device.attrs["sampling rate"] = 1000
        device.create_dataset("raw/nSeq", data=np.arange(len(signals["emg_bursts.csv"]))[:, None])
        device.create_dataset("raw/channel_3", data=signals["emg_bursts.csv"].astype(np.uint16))
