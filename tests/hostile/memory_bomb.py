"""Law: a program gets no more memory than the contract says."""
# oracle: memory
import time
import numpy as np
held = []
for _ in range(40):
    held.append(np.ones(32 * 1024**2 // 8))
time.sleep(0.5)
