"""The list of onset detectors: one entry a method, with its source."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from emgorder.errors import SettingsError
from emgorder.model import FloatArray, Onset
from emgorder.onset.baseline import Step, calm_step, coarse_step, main_step
from emgorder.onset.levels import Stretch
from emgorder.onset.posterior import detect_hmm, detect_posteriors
from emgorder.onset.published.amplitude import abbink, di_fabio, hodges_bui, lidierth
from emgorder.onset.published.double_threshold import bonato
from emgorder.onset.published.energy import tkeo
from emgorder.onset.published.entropy import sample_entropy
from emgorder.onset.published.likelihood import aglr, bayes_change, cusum, profile_likelihood
from emgorder.onset.published.mixture import mixture
from emgorder.onset.published.neurokit import neurokit
from emgorder.onset.published.wavelet import merlo

__all__ = ["DEFAULT_METHOD", "METHOD_ALIASES", "OnsetMethod", "find_method", "onset_methods"]

DEFAULT_METHOD = "posterior"
"""The only one with a calibrated posterior. Of the published ones ``cusum`` has the smallest errors on 83 hand-read
bursts with the baseline found by itself: median 5.4 ms, mean 22 ms (each capped at 200 ms); next are ``aglr`` with 10
and 24, ``hodges_bui`` with 14 and 28 (``docs/benchmarks/accuracy.md``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnsetMethod:
    """One way to find an onset.

    Attributes
    ----------
    name : str
        Key in :func:`onset_methods`.
    title : str
        For people.
    citation, journal, doi : str
        The source.
    detect : callable or None
        ``detect(signal, sampling_frequency, baseline, **options)`` with conditioned EMG of one burst without gaps, Hz,
        and the samples of rest as a slice. Returns seconds from the first sample, NaN for no onset.
    detect_many : callable or None
        ``detect_many(stretches)`` for methods that take all bursts of a session at once and return an
        :class:`~emgorder.model.Onset` for each, seconds from the first sample of its stretch. A method has either.
    defaults : mapping
        Options that `detect` is called with.
    deviations : str
        In what it differs from its source.
    has_posterior : bool
        Whether it says how sure it is.
    after_s : float
        How much signal after the coarse step it is shown, at most. Detectors that split the signal in two want no more
        than rest and the beginning of the burst: 0.3 s gave their smallest errors on hand-read bursts.
    find_step : callable
        Which step of the power it is shown: :func:`~emgorder.onset.baseline.coarse_step` or
        :func:`~emgorder.onset.baseline.main_step`.
    second_step : callable or None
        Another step to try where it is a different one; its onset is taken where the rise from it is smooth.
    """

    name: str
    title: str
    citation: str
    doi: str
    journal: str = ""
    detect: Callable[..., float] | None = None
    detect_many: Callable[[Sequence[Stretch]], list[Onset]] | None = None
    defaults: Mapping[str, object] = field(default_factory=dict)
    deviations: str = ""
    has_posterior: bool = False
    after_s: float = 1.0
    find_step: Callable[[FloatArray, float], Step | None] = coarse_step
    second_step: Callable[[FloatArray, float], Step | None] | None = None


METHOD_ALIASES = {"neurokit": "neurokit_threshold"}


def onset_methods() -> dict[str, OnsetMethod]:
    """Return every onset detector by name.

    Examples
    --------
    >>> onset_methods()["bonato"].doi
    '10.1109/10.661154'
    """
    return {method.name: method for method in _METHODS}


def find_method(name: str) -> OnsetMethod:
    """Return the detector called `name`; ``neurokit`` is NeuroKit2's own default, ``neurokit_threshold``.

    Raises
    ------
    SettingsError
        There is none; the message lists the names.
    """
    methods = onset_methods()
    if isinstance(name, str):
        name = METHOD_ALIASES.get(name, name)
    if not isinstance(name, str) or name not in methods:
        raise SettingsError(f"{name!r} is no onset method: take one of {', '.join(methods)}", key="method")
    return methods[name]


def _defaults(detect: Callable[..., float], **own: object) -> dict[str, object]:
    """Return the options of a detector with their defaults, some of them replaced."""
    options = inspect.signature(detect).parameters.values()
    return {o.name: own.get(o.name, o.default) for o in options if o.kind is inspect.Parameter.KEYWORD_ONLY}


_NEUROKIT = tuple(
    OnsetMethod(
        name=f"neurokit_{activation}",
        title=f"NeuroKit2, {activation}",
        citation="Makowski et al. 2021, NeuroKit2: A Python toolbox for neurophysiological signal processing",
        journal="Behavior Research Methods",
        doi="10.3758/s13428-020-01516-y",
        detect=neurokit,
        defaults=_defaults(neurokit, activation=activation),
        after_s=0.3,
        deviations="NeuroKit2's defaults in the thresholds, set from rest",
    )
    for activation in ("threshold", "mixture", "biosppy")
)

_METHODS: tuple[OnsetMethod, ...] = (
    OnsetMethod(
        name="posterior",
        title="Posterior of a hidden Markov model and two networks",
        citation="This package: emgorder.onset.posterior",
        doi="",
        detect_many=detect_posteriors,
        has_posterior=True,
        find_step=main_step,
        second_step=calm_step,
    ),
    OnsetMethod(
        name="hmm",
        title="Posterior of a hidden Markov model",
        citation="This package: emgorder.onset.hmm",
        doi="",
        detect_many=detect_hmm,
        has_posterior=True,
        find_step=main_step,
    ),
    OnsetMethod(
        name="aglr",
        title="Approximated generalised likelihood ratio",
        citation="Staude & Wolf 1999, Objective motor response onset detection in surface myoelectric signals",
        journal="Medical Engineering & Physics",
        doi="10.1016/S1350-4533(99)00067-3",
        detect=aglr,
        defaults=_defaults(aglr),
        deviations="the papers in the alarm and the search range, set here for surface EMG at about 1 kHz",
    ),
    OnsetMethod(
        name="hodges_bui",
        title="Mean of a window above rest + 3 SD",
        citation="Hodges & Bui 1996, A comparison of computer-based methods for the determination of onset of muscle "
        "contraction using electromyography",
        journal="Electroencephalography and Clinical Neurophysiology",
        doi="10.1016/S0921-884X(96)95190-5",
        detect=hodges_bui,
        defaults=_defaults(hodges_bui),
        deviations="the paper in the low-pass: a second-order Butterworth run forwards and backwards",
    ),
    OnsetMethod(
        name="di_fabio",
        title="Above rest + 3 SD for 25 ms",
        citation="Di Fabio 1987, Reliability of computerized surface electromyography for determining the onset of "
        "muscle activity",
        journal="Physical Therapy",
        doi="10.1093/ptj/67.1.43",
        detect=di_fabio,
        defaults=_defaults(di_fabio),
        deviations="the paper in the smoothing: a second-order Butterworth low-pass run forwards and backwards",
    ),
    OnsetMethod(
        name="lidierth",
        title="Lasting activity with short lapses",
        citation="Lidierth 1986, A computer based method for automated measurement of the periods of muscular activity "
        "from an EMG and its application to locomotor EMGs",
        journal="Electroencephalography and Clinical Neurophysiology",
        doi="10.1016/0013-4694(86)90163-X",
        detect=lidierth,
        defaults=_defaults(lidierth),
        deviations="the paper in the durations, which it leaves to the user, and in measuring the activity from its "
        "first to its last sample above the threshold",
    ),
    OnsetMethod(
        name="abbink",
        title="Best parting of rest and activity around an alarm",
        citation="Abbink et al. 1998, Detection of onset and termination of muscle activity in surface electromyograms",
        journal="Journal of Oral Rehabilitation",
        doi="10.1046/j.1365-2842.1998.00242.x",
        detect=abbink,
        defaults=_defaults(abbink),
        deviations="the paper in using one threshold for the alarm and for the counting, and in searching around the "
        "alarm alone",
    ),
    OnsetMethod(
        name="tkeo",
        title="Teager-Kaiser energy above rest + 3 SD for 25 ms",
        citation="Solnik et al. 2010, Teager-Kaiser energy operator signal conditioning improves EMG onset detection",
        journal="European Journal of Applied Physiology",
        doi="10.1007/s00421-010-1521-8",
        detect=tkeo,
        defaults=_defaults(tkeo),
        deviations="the papers in the band before the energy: that of the conditioned signal instead of 30 to 300 Hz, "
        "zero-phase",
    ),
    OnsetMethod(
        name="bonato",
        title="Double threshold on whitened power",
        citation="Bonato, D'Alessio & Knaflitz 1998, A statistical method for the measurement of muscle activation "
        "intervals from surface myoelectric signal during gait",
        journal="IEEE Transactions on Biomedical Engineering",
        doi="10.1109/10.661154",
        detect=bonato,
        defaults=_defaults(bonato),
        deviations="the paper in the whitening, by an autoregressive model of the rest, and in reporting the first "
        "value above the threshold in the first window",
    ),
    OnsetMethod(
        name="cusum",
        title="Cumulative sum of the likelihood ratio",
        citation="Page 1954, Continuous inspection schemes",
        journal="Biometrika",
        doi="10.1093/biomet/41.1-2.100",
        detect=cusum,
        defaults=_defaults(cusum),
        deviations="the paper in that the sum is over whitened squared samples and in the onset: the last minimum "
        "before the alarm",
    ),
    OnsetMethod(
        name="profile_likelihood",
        title="Likeliest split of the Teager-Kaiser energy",
        citation="Selvan et al. 2018, Unsupervised stochastic strategies for robust detection of muscle activation "
        "onsets in surface electromyogram",
        journal="IEEE Transactions on Neural Systems and Rehabilitation Engineering",
        doi="10.1109/TNSRE.2018.2833742",
        detect=profile_likelihood,
        defaults=_defaults(profile_likelihood),
        after_s=0.3,
        deviations="the paper in that both distributions are centred on zero, each with its own scale, and in "
        "searching after the baseline alone",
    ),
    OnsetMethod(
        name="bayes_change",
        title="Posterior of one change of variance",
        citation="Tenan, Tweedell & Haynes 2017, Analysis of statistical and standard algorithms for detecting muscle "
        "onset with surface electromyography",
        journal="PLOS ONE",
        doi="10.1371/journal.pone.0177312",
        detect=bayes_change,
        defaults=_defaults(bayes_change),
        after_s=0.3,
        deviations="the paper in the model: exactly one change of the variance of the whitened signal, with Jeffreys "
        "priors, integrated exactly, where the paper samples product partitions of the rectified signal",
    ),
    OnsetMethod(
        name="mixture",
        title="Two Gaussians of the log power in five bands",
        citation="Liu et al. 2015, Robust muscle activity onset detection using an unsupervised electromyogram "
        "learning framework",
        journal="PLOS ONE",
        doi="10.1371/journal.pone.0127990",
        detect=mixture,
        defaults=_defaults(mixture),
        after_s=0.3,
        deviations="the paper in learning from the whole signal at once instead of sample by sample, and in starting "
        "the rest's Gaussian from the baseline",
    ),
    OnsetMethod(
        name="sample_entropy",
        title="Sample entropy above rest",
        citation="Zhang & Zhou 2012, Sample entropy analysis of surface EMG for improved muscle activity onset "
        "detection against spurious background spikes",
        journal="Journal of Electromyography and Kinesiology",
        doi="10.1016/j.jelekin.2012.06.005",
        detect=sample_entropy,
        defaults=_defaults(sample_entropy),
        after_s=0.3,
        deviations="the paper in the threshold, set from rest instead of by hand, and in the window of 50 ms",
    ),
    OnsetMethod(
        name="merlo",
        title="Wavelets shaped like action potentials",
        citation="Merlo, Farina & Merletti 2003, A fast and reliable technique for muscle activity detection from "
        "surface EMG signals",
        journal="IEEE Transactions on Biomedical Engineering",
        doi="10.1109/TBME.2003.808829",
        detect=merlo,
        defaults=_defaults(merlo),
        deviations="the paper in the threshold, set from the largest output at rest, and in the times that join and "
        "drop stretches",
    ),
    *_NEUROKIT,
)
