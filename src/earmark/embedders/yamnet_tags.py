"""YAMNet as a tagger: how probable each of AudioSet's 521 classes is in a waveform.

It is the stand-in's network, and so its numbers are a stand-in's.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.yamnet import labels
from earmark.embedders.yamnet_minilm import network_outputs


class YamnetTags:
    """The tagger that the packaged parts allow."""

    def tag(self, mono: NDArray[np.floating]) -> Mapping[str, float]:
        """Class name -> mean probability over the patches of (n,) samples at 16 kHz.

        Raises:
            MetricUnavailable: the network is not installed.
        """
        log_probabilities, _ = network_outputs(np.asarray(mono, np.float32))
        mean = np.exp(log_probabilities.astype(np.float64)).mean(axis=0)
        return dict(zip(labels(), map(float, mean), strict=True))
