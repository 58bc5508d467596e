"""Law: a program cannot raise the limits it was given."""
# oracle: claim
import resource
for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC"):
    try:
        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("CLAIM @TOKEN@ raised", name)
    except (OSError, ValueError):
        continue
