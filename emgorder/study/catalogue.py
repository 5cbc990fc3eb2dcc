"""Public recordings that were checked: what is in them, whose they are, and where the publisher has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from emgorder.study import originals
from emgorder.study.originals import Table

__all__ = ["Converter", "DataFile", "Dataset", "Original", "catalogue"]

Converter: TypeAlias = Callable[[Mapping[str, Path]], Mapping[str, Table]]


@dataclass(frozen=True, slots=True)
class DataFile:
    """One recording of a data set.

    ``rms`` is the root mean square of all values of all channels, in ``unit``: what was fetched and converted has to
    have it within 0.01 %.
    """

    name: str
    sampling_frequency: float
    unit: str
    channels: tuple[str, ...]
    n_samples: int
    rms: float


@dataclass(frozen=True, slots=True)
class Original:
    """A file as its publisher has it; the address names a commit, and ``sha256`` is empty where it is not known."""

    name: str
    url: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public data set.

    Attributes
    ----------
    name : str
        As :func:`emgorder.load_dataset` takes it.
    title : str
        What was recorded.
    files : tuple of DataFile
        Its recordings.
    licence : str
        SPDX name.
    permission : str
        What the licence allows and asks for.
    citation : str
        To be given wherever the data are shown.
    homepage : str
        Of the publisher.
    originals : tuple of Original
        The publisher's files; empty where they cannot be fetched.
    convert : callable or None
        Makes tables of them.
    why_not_fetched : str
        Why there are no originals.
    muscles : mapping of str to str
        Muscle to column, where labels do not say it themselves.
    scaled : mapping of str to str
        Column to unit, for columns whose unit is sure; all others are read in arbitrary units.
    """

    name: str
    title: str
    files: tuple[DataFile, ...]
    licence: str
    permission: str
    citation: str
    homepage: str
    originals: tuple[Original, ...] = ()
    convert: Converter | None = None
    why_not_fetched: str = ""
    muscles: Mapping[str, str] = field(default_factory=dict)
    scaled: Mapping[str, str] = field(default_factory=dict)

    @property
    def fetched(self) -> bool:
        """Whether it can be fetched from its publisher."""
        return bool(self.originals)

    def __str__(self) -> str:
        """Return all that has to be known, in words."""
        files = "\n".join(
            f"  {f.name}: {f.n_samples / f.sampling_frequency:.1f} s at {f.sampling_frequency:g} Hz, "
            f"{len(f.channels)} channel{'s' if len(f.channels) > 1 else ''} ({', '.join(f.channels)})"
            for f in self.files
        )
        where = f"fetched from {self.homepage}" if self.fetched else f"not fetched: {self.why_not_fetched}"
        return (
            f"{self.name}: {self.title}\n{files}\nLicence: {self.licence}. {self.permission}\nCite: {self.citation}\n"
            f"Origin: {where}"
        )


_MIT = "May be passed on and changed with the licence notice."
_BY = "May be passed on and changed with attribution."
_BSD = "May be passed on and changed with the licence notice; names of the owners may not be used for promotion."
_RAW = "https://raw.githubusercontent.com"
_EIGHT = tuple(f"emg{i}" for i in range(1, 9))
_UCI_LEG = ("RF", "BF", "VM", "ST", "FX_deg")
_PIPELINE = "aalhossary/pyemgpipeline/657d23ed65bc4ec3282192b95de4a4a22514b5ae/data"
_UNKNOWN_FORM = "the form of the publisher's files is not known for sure; set EMGORDER_DATA to a folder that has them"


def catalogue() -> dict[str, Dataset]:
    """Return every data set by name.

    Examples
    --------
    >>> catalogue()["musclesynergies_walking"].licence
    'MIT'
    """
    return {d.name: d for d in _DATASETS}


def _originals(folder: str, names: Sequence[str]) -> tuple[Original, ...]:
    return tuple(Original(name.rpartition("/")[2], f"{_RAW}/{folder}/{name.replace(' ', '%20')}") for name in names)


_DATASETS = (
    Dataset(
        name="biosignalsnotebooks",
        title="nine bursts of one muscle, 16-bit ADC counts of a biosignalsplux hub",
        files=(DataFile("emg_bursts.csv", 1000.0, "ADC", ("channel_3",), 28519, 32833.4),),
        licence="MIT",
        permission=_MIT,
        citation="biosignalsnotebooks (2018), signal sample emg_bursts, "
        "https://github.com/biosignalsplux/biosignalsnotebooks",
        homepage="https://github.com/biosignalsplux/biosignalsnotebooks",
        originals=_originals(
            "biosignalsplux/biosignalsnotebooks/9d92e042cdc162a8c5fe844b282f641c48e8dccc",
            ["biosignalsnotebooks_notebooks/signal_samples/emg_bursts.h5"],
        ),
        convert=originals.opensignals_h5,
    ),
    Dataset(
        name="biosppy_examples",
        title="slight contractions of one muscle, two recordings, ADC counts",
        files=(
            DataFile("emg.csv", 1000.0, "raw", ("emg",), 100000, 2053.66),
            DataFile("emg_1.csv", 1000.0, "raw", ("emg",), 63880, 2040.17),
        ),
        licence="BSD-3-Clause",
        permission=_BSD,
        citation="BioSPPy (Copyright 2015 Instituto de Telecomunicações), examples/emg.txt and emg_1.txt, "
        "https://github.com/PIA-Group/BioSPPy",
        homepage="https://github.com/PIA-Group/BioSPPy",
        originals=_originals(
            "PIA-Group/BioSPPy/77550221f77e024459840ece540b1e017ed99e57", ["examples/emg.txt", "examples/emg_1.txt"]
        ),
        convert=originals.simple_text,
    ),
    Dataset(
        name="bmc_gait_emg",
        title="walking, both legs, 16 channels, and one recording of a single channel",
        files=(
            DataFile(
                "gait.csv",
                1000.0,
                "V",
                (
                    "LREC",
                    "RREC",
                    "LVAS",
                    "RVAS",
                    "LGRF",
                    "RGRF",
                    "LISC",
                    "RISC",
                    "LBIC",
                    "RBIC",
                    "LTIB",
                    "RTIB",
                    "LSOL",
                    "RSOL",
                    "LJUM",
                    "RJUM",
                ),
                4870,
                0.161786,
            ),
            DataFile("emg.csv", 1000.0, "V?", ("emg",), 3360, 0.0211105),
        ),
        licence="CC-BY-4.0",
        permission=_BY,
        citation="BMClab (M. Duarte), BMC: data/Gait.c3d and data/emg.csv, https://github.com/BMClab/BMC",
        homepage="https://github.com/BMClab/BMC",
        why_not_fetched=_UNKNOWN_FORM,
    ),
    Dataset(
        name="emggo_ta_250hz",
        title="56 ballistic contractions of tibialis anterior, with a drifting baseline",
        files=(DataFile("ta.csv", 250.0, "uV?", ("TA",), 137420, 297.275),),
        licence="MIT",
        permission=_MIT,
        citation="Usman Rashid (2019), emgGO: samples/Sample Data.mat, https://github.com/GallVp/emgGO",
        homepage="https://github.com/GallVp/emgGO",
        originals=_originals("GallVp/emgGO/2e71bc9404a4c009ce65d7f4a41bc20ca0d1e8b8", ["samples/Sample Data.mat"]),
        convert=originals.emggo_mat,
    ),
    Dataset(
        name="lift12kg_8ch",
        title="eleven lifts of 12 kg, eight channels at once, muscles not named",
        files=(DataFile("lift12kg.csv", 2000.0, "mV", tuple(f"ch{i}" for i in range(1, 9)), 99080, 0.159833),),
        licence="MIT",
        permission=_MIT,
        citation="Shurun-Wang (2023), sEMGDetection: results/12_1.mat to 12_8.mat; Tang, Wang et al. 2022, IEEE "
        "Transactions on Instrumentation and Measurement, https://github.com/Shurun-Wang/sEMGDetection",
        homepage="https://github.com/Shurun-Wang/sEMGDetection",
        originals=_originals(
            "Shurun-Wang/sEMGDetection/ac29b654d0989daf98569dc8a8b3ac420ab76bc6",
            [f"results/12_{i}.mat" for i in range(1, 9)],
        ),
        convert=originals.semg_mats,
        scaled=MappingProxyType({f"ch{i}": "mV" for i in range(1, 9)}),
    ),
    Dataset(
        name="musclesynergies_walking",
        title="one right leg walking on a treadmill, 13 muscles: MA is gluteus maximus, BF and ST are hamstrings",
        files=(
            DataFile(
                "walk_right_leg.csv",
                1000.0,
                "unstated",
                ("ME", "MA", "FL", "RF", "VM", "VL", "ST", "BF", "TA", "PL", "GM", "GL", "SO"),
                7618,
                51.6547,
            ),
        ),
        licence="MIT",
        permission=_MIT,
        citation="Alessandro Santuz (2021), musclesyneRgies: RAW_DATA, doi 10.1016/j.isci.2019.100796, "
        "https://github.com/alesantuz/musclesyneRgies",
        homepage="https://github.com/alesantuz/musclesyneRgies",
        originals=_originals(
            "alesantuz/musclesyneRgies/0fbf53b01d9386fe489cb9e864c43a242dee70ce", ["data/RAW_DATA.RData"]
        ),
        convert=originals.synergies_rdata,
        muscles=MappingProxyType({"GMAX_R": "MA", "GMED_R": "ME", "BF_R": "BF", "ST_R": "ST"}),
    ),
    Dataset(
        name="myo_armband_aljaz",
        title="eight channels of the forearm from a Myo armband, six recordings of one minute, int8 counts",
        files=tuple(
            DataFile(f"{stem}.csv", 200.0, "int8 counts", _EIGHT, n, rms)
            for stem, n, rms in (
                ("35622-1_g2", 12000, 24.7112),
                ("35622-1_g7", 12000, 19.5796),
                ("12345-1_g2", 11940, 18.3344),
                ("69069-3_g7", 14828, 46.9984),
                ("44444-1_g7", 11960, 30.7671),
                ("55555-1_g2", 14721, 16.5746),
            )
        ),
        licence="MIT",
        permission=_MIT,
        citation="Aljaž (2021), myo-readings-dataset, https://github.com/aljazfrancic/myo-readings-dataset",
        homepage="https://github.com/aljazfrancic/myo-readings-dataset",
        why_not_fetched="where the publisher has these files is not known for sure; set EMGORDER_DATA to a folder that "
        "has them",
    ),
    Dataset(
        name="uci_gestures_myo",
        title="eight channels of the forearm from a Myo armband whose values are held, in steps of 10 µV",
        files=(
            DataFile("session1_200hz.csv", 200.0, "1e-5 V", _EIGHT, 12912, 18.4731),
            DataFile("session1_1k_first60s.csv", 1000.0, "1e-5 V", _EIGHT, 60000, 18.7211),
        ),
        licence="CC-BY-4.0",
        permission=_BY,
        citation="Lobov et al. 2018, Sensors 18(4):1122, UCI Machine Learning Repository: EMG data for gestures, by "
        "way of https://github.com/aalhossary/pyemgpipeline",
        homepage="https://github.com/aalhossary/pyemgpipeline",
        originals=_originals(_PIPELINE, ["uci_gestures/1_raw_data_11-08_21.03.16.txt"]),
        convert=originals.held_gestures,
    ),
    Dataset(
        name="uci_lower_limb",
        title="four thigh muscles and the knee angle: walking (mar), standing leg flexion (pie), sitting (sen)",
        files=tuple(
            DataFile(f"{stem}.csv", 1000.0, "mV", _UCI_LEG, n, rms)
            for stem, n, rms in (
                ("3Amar", 43665, 10.462),
                ("3Apie", 22124, 27.8796),
                ("3Asen", 38971, 21.9335),
                ("5Nmar", 6563, 11.894),
                ("5Npie", 15260, 32.0104),
                ("5Nsen", 13480, 20.6279),
            )
        ),
        licence="CC-BY-4.0",
        permission=_BY,
        citation="Oscar Sanchez and Jose Sotelo, UCI Machine Learning Repository: EMG dataset in Lower Limb, by way of "
        "https://github.com/aalhossary/pyemgpipeline",
        homepage="https://github.com/aalhossary/pyemgpipeline",
        originals=_originals(
            _PIPELINE, [f"uci_lower_limb/{s}.txt" for s in ("3Amar", "3Apie", "3Asen", "5Nmar", "5Npie", "5Nsen")]
        ),
        convert=originals.datalog_text,
        scaled=MappingProxyType({"RF": "mV", "BF": "mV", "VM": "mV", "ST": "mV"}),
    ),
)
