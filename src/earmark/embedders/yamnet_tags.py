"""YAMNet as a tagger: a waveform -> how probable each of AudioSet's 521 classes is.

In: (n,) samples at 16 kHz. Out: class name -> probability, the mean over patches. It is the stand-in's network, and so are its numbers.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.yamnet import labels
from earmark.embedders.yamnet_minilm import hear


class YamnetTags:
    """The tagger that the packaged parts allow."""

    def __call__(self, line: NDArray[np.floating]) -> Mapping[str, float]:
        """Probabilities by class name. MetricUnavailable where the network is not installed."""
        mean = np.exp(hear(np.asarray(line, np.float32))[0].astype(np.float64)).mean(axis=0)
        return dict(zip(labels(), map(float, mean), strict=True))
