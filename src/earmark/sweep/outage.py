"""Calls to a tracking store that may be gone: they fail without consequence.

The sweep's folder holds everything, and the sync at the end writes what the store missed. So a
store that is slow or gone costs at most one wait a minute while the runs go on.
"""

import sys
import time
from collections.abc import Callable

from earmark.errors import TrackingUnavailable, printable

PAUSE_SECONDS = 60.0

_gone_until = [0.0]  # of this process: its runs share one store


def try_tracking(call: Callable[[], object]) -> bool:
    """Make a call to a store; False when it is gone, or was gone within the last minute."""
    if time.monotonic() < _gone_until[0]:
        return False
    try:
        call()
    except TrackingUnavailable as error:
        hint = "trying again later, and at the end"
        print(f"tracking: {printable(str(error))}; {hint}", file=sys.stderr, flush=True)
        _gone_until[0] = time.monotonic() + PAUSE_SECONDS
        return False
    return True
