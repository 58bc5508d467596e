"""Law: what a process may do about itself by prctl stays out of reach: how it is looked into, who it adopts, when it dies."""
# oracle: claim
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
ways = {"dumpable": (4, 1), "adopts orphans": (36, 1), "outlives its parent": (1, 0), "traced by anybody": (0x59616D61, -1), "keeps capabilities": (8, 1),
        "lends capabilities": (47, 2, 13), "timer slack": (29, 1), "speculation": (53, 0, 4), "securebits": (28, 0), "merges memory": (67, 1)}
for name, arguments in ways.items():
    if libc.prctl(*arguments, *(0,) * (5 - len(arguments))) == 0:
        print("CLAIM @TOKEN@ set itself:", name)
