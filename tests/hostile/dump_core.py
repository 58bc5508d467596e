"""Law: a crash leaves no picture of memory behind."""
# oracle: litter
# kinds: crashed
# kept: whether a core is written is up to the host; here it must not be even where it would
import os, resource
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (OSError, ValueError):
    pass
os.abort()
