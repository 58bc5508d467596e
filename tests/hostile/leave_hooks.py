"""Law: hooks of one program are not called in the next."""
# oracle: next
# kept: only a worker that lives on can leak them; the weaker runners start a new interpreter each time
import atexit, builtins, codecs, gc, os, sys, threading, warnings
def hook(*arguments, **named):
    os.write(1, b"CLAIM @TOKEN@ a hook of the program before\n")
class Finder:
    find_spec = staticmethod(hook)
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, hook)
sys.path_importer_cache.clear()
os.register_at_fork(before=hook, after_in_parent=hook, after_in_child=hook)
sys.addaudithook(lambda *a: None)
sys.excepthook = sys.unraisablehook = sys.displayhook = threading.excepthook = warnings.showwarning = hook
gc.callbacks.append(hook)
codecs.register(lambda name: hook())
atexit.register(hook)
threading.settrace(hook)
threading.setprofile(hook)
builtins.__build_class__ = hook
os._exit(0)
#%% next
import json, numpy, sys, threading
class Fine:
    pass
thread = threading.Thread(target=print, args=("fine",))
thread.start()
thread.join()
