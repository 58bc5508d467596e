"""How fast and how far a track, such as level or pitch, swings around its slow course."""

import numpy as np

from earmark.checks.sound import FRAME_SECONDS, Floats

MIN_HZ = 1.0  # slower is a course, not a swing
BINS = 1 << 13


def strongest_swing(track: Floats, *, course_seconds: float) -> tuple[float, float]:
    """Rate in Hz and peak-to-peak size of the strongest swing of a track, one value every 10 ms.

    The slow course, a mean over `course_seconds`, is subtracted first, and so is what remains of a
    mean: otherwise the lowest bins of the spectrum hold more than the swing does.
    """
    reach = round(course_seconds / FRAME_SECONDS / 2)
    window = np.ones(2 * reach + 1) / (2 * reach + 1)
    course = np.convolve(np.pad(track, reach, mode="edge"), window, mode="valid")
    swing = track - course
    swing = swing - swing.mean()
    taper = np.hanning(len(swing))
    spectrum = np.abs(np.fft.rfft(swing * taper, n=max(BINS, len(swing))))
    hz = np.fft.rfftfreq(max(BINS, len(swing)), FRAME_SECONDS)
    top = _highest_peak(spectrum, int(np.searchsorted(hz, MIN_HZ)))
    return float(hz[top]), float(4 * spectrum[top] / taper.sum())


def _highest_peak(spectrum: Floats, first: int) -> int:
    """The bin of the highest peak from `first` on; of the highest value where there is no peak.

    What remains of a slow course is greatest at the edge, and is no peak.
    """
    from scipy.signal import find_peaks

    peaks, _ = find_peaks(spectrum[first:])
    if not len(peaks):
        return first + int(spectrum[first:].argmax())
    return first + int(peaks[spectrum[first:][peaks].argmax()])
