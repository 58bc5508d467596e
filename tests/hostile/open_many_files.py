"""Law: a program cannot hold thousands of descriptors."""
# oracle: claim
import os, resource
try:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
except (OSError, ValueError):
    pass
held = 0
for _ in range(3000):
    try:
        os.dup(0)
        held += 1
    except OSError:
        break
if held >= 3000:
    print("CLAIM @TOKEN@ holds", held, "descriptors")
