"""Law: the next program gets modules that this one did not touch."""
# oracle: next
# kept: only a worker that lives on can leak its modules; the weaker runners start a new interpreter each time
import builtins, sys, wave
import numpy as np
np.sin = np.cos
builtins.round = lambda *a: 7
wave.open = None
sys.modules["scipy"] = None
sys.path.insert(0, "/tmp")
#%% next
import builtins, wave
import numpy as np
if np.sin(0.0) != 0.0 or round(1.2) != 1 or wave.open is None:
    print("CLAIM @TOKEN@ met patched modules")
import scipy.signal
print("fine")
