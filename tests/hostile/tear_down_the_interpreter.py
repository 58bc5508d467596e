"""Law: a program that takes the interpreter apart, exit handlers and all, harms no later one."""
# oracle: next
# kept: only a worker that lives on can be harmed; the weaker runners start a new interpreter each time
import atexit, gc, os, signal, sys
atexit._run_exitfuncs()
for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM):
    signal.signal(number, lambda *a: None)
os._exit = sys.exit = os.read = os.write = os.waitpid = os.fork = None
for name in list(sys.modules):
    if name not in ("sys", "builtins", "gc"):
        del sys.modules[name]
gc.collect()
#%% next
import numpy as np
print(np.ones(3).sum())
