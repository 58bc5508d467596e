"""Law: only the packages of the contract can be imported, not those of the project."""
# oracle: claim
import importlib
for name in ("pydantic", "omegaconf", "rich", "earmark"):
    try:
        importlib.import_module(name)
        print("CLAIM @TOKEN@ imported", name)
    except ImportError:
        continue
