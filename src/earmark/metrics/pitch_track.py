"""The pitch of a clip at five moments: what a listening report tells of its course.

In: a Clip. Out: f0_at_10_hz, f0_at_30_hz … f0_at_90_hz: the median f0 in a tenth of the clip about that share of its length. A moment
without a pitch goes to `unscored`. pYIN takes about as long as the clip lasts, so that this is asked for by metric=pitch_track and is not
always there.
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

    def score(self, clip: Clip, task: Task) -> Scores:  # a track does not depend on what was asked
        """The five, or for each the reason why it has none."""
        names = {moment: f"f0_at_{moment}_hz" for moment in MOMENTS}
        try:
            f0 = track(sound(*samples(clip)))
        except (AudioError, Unmeasurable) as error:
            return Scores(unscored=dict.fromkeys(names.values(), str(error)))
        values, unscored = {}, {}
        for moment, name in names.items():
            about = f0[
                int(len(f0) * (moment - 5) / 100) : int(np.ceil(len(f0) * (moment + 5) / 100))
            ]
            pitched = about[np.isfinite(about)]
            if len(pitched) > len(about) / 2:
                values[name] = float(np.median(pitched))
            else:
                unscored[name] = f"no pitch at {moment} % of its length"
        return Scores(values=values, unscored=unscored)
