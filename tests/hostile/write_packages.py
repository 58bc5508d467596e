"""Law: a program cannot write where the packages lie, so that nothing it makes is imported later."""
# oracle: canary
import os, sys
for folder in filter(os.path.isdir, sys.path):
    for place in [folder, *(f"{folder}/{name}" for name in ("numpy", "scipy", "earmark"))]:
        try:
            open(f"{place}/@TOKEN@.txt", "w").write("escaped")
        except OSError:
            continue
