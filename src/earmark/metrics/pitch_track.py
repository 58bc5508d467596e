"""The pitch of a clip at five moments, for a listening report that describes how the pitch moves.

f0_at_10_hz … f0_at_90_hz: the median f0 in a tenth of the clip about that share of its length. pYIN
takes about as long as the clip lasts, so that this metric is optional: metric=pitch_track.
"""

import numpy as np

from earmark.audio import samples
from earmark.checks.pitch import track
from earmark.checks.sound import Unmeasurable, sound
from earmark.errors import AudioError
from earmark.records import Clip, Scores, Task

MOMENTS = (10, 30, 50, 70, 90)  # percent of the length


class PitchTrack:
    """f0 in Hz at five moments."""

    def score(self, clip: Clip, task: Task) -> Scores:  # noqa: ARG002  # a track depends on the clip alone
        """f0 in Hz at each moment, or the reason why it has no pitch there."""
        names = {moment: f"f0_at_{moment}_hz" for moment in MOMENTS}
        try:
            f0 = track(sound(*samples(clip)))
        except (AudioError, Unmeasurable) as error:
            return Scores(unscored=dict.fromkeys(names.values(), str(error)))
        values, unscored = {}, {}
        for moment, name in names.items():
            first = int(len(f0) * (moment - 5) / 100)
            last = int(np.ceil(len(f0) * (moment + 5) / 100))
            about = f0[first:last]
            pitched = about[np.isfinite(about)]
            if len(pitched) > len(about) / 2:
                values[name] = float(np.median(pitched))
            else:
                unscored[name] = f"no pitch at {moment} % of the clip's length"
        return Scores(values=values, unscored=unscored)
