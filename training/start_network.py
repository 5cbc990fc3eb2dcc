"""The start network in torch, for training, and its weights as the package reads them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from emgorder.onset.start_features import N_FEATURES
from emgorder.onset.starts import LEAST_EVIDENCE
from training.network import OUTSIDE, Layer, decoded, folded
from training.sessions import N_KINDS

__all__ = ["StartNet", "weights_of"]

WIDTHS = (24, 32, 40, 56)
DECODER_WIDTH = 32
LIKE_ITSELF = 3.0
"""How likely a lift's kind of rise is, at the beginning of the training, to be the session's: a logit."""


class StartNet(nn.Module):
    """A U-Net over 4 ms frames that fits every kind of rise from every start, and what is usual in a session.

    The fits are log likelihoods up to a constant of the lift. A session has one usual kind of rise; what each lift
    tells of it adds up, and ``law`` says how likely each kind is in a lift of such a session.
    """

    def __init__(self) -> None:
        super().__init__()
        w0, w1, w2, w3 = WIDTHS
        self.layers = nn.ModuleDict(
            {
                "enter": Layer(N_FEATURES, w0, 7),
                "down0": Layer(w0, w0, 5),
                "down1a": Layer(w0, w1, 5),
                "down1b": Layer(w1, w1, 5),
                "down2a": Layer(w1, w2, 5),
                "down2b": Layer(w2, w2, 5),
                "deep_a": Layer(w2, w3, 5),
                "deep_b": Layer(w3, w3, 3, dilation=2),
                "deep_c": Layer(w3, w3, 3, dilation=4),
                "up2": Layer(w3 + w2, w2, 3),
                "up1": Layer(w2 + w1, w1, 5),
                "up0a": Layer(w1 + w0, DECODER_WIDTH, 5),
                "up0b": Layer(DECODER_WIDTH, DECODER_WIDTH, 5),
            }
        )
        self.fit = nn.Conv1d(DECODER_WIDTH, N_KINDS, 1)
        self.law = nn.Parameter(LIKE_ITSELF * torch.eye(N_KINDS))
        self.usual = nn.Parameter(torch.zeros(N_KINDS))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return how well each kind fits from each start, (n, kinds, frames), and what that tells of the usual kind."""
        there = features[:, -4:-3]
        up, _ = decoded(self.layers, features, there)
        fit = self.fit(up) + (there - 1) * -OUTSIDE
        kinds = torch.log_softmax(torch.logsumexp(fit, dim=2), dim=1).clamp(min=LEAST_EVIDENCE)
        return fit, torch.logsumexp(kinds[:, None, :] + self.law.log_softmax(dim=1), dim=2)

    def kinds(self, evidence: Tensor) -> Tensor:
        """Return how likely each kind is in a lift of which the others say `evidence`, (n, kinds): its logarithm."""
        session = torch.log_softmax(self.usual + evidence, dim=1)
        return torch.logsumexp(session[:, :, None] + self.law.log_softmax(dim=1), dim=1)


def weights_of(net: StartNet) -> dict[str, np.ndarray]:
    """Return the weights as float16, batch normalisation folded into the convolutions."""
    arrays = folded(net.layers)
    arrays["fit.weight"] = net.fit.weight.detach().numpy()[:, :, 0]
    arrays["fit.bias"] = net.fit.bias.detach().numpy()
    arrays["law"] = net.law.log_softmax(dim=1).detach().numpy()
    arrays["usual"] = net.usual.detach().numpy()
    return {name: values.astype(np.float16) for name, values in arrays.items()}
