"""Law: a thread with a stack of a gigabyte that it overflows is a crash of the program's own."""
# oracle: next
# kinds: crashed runtime_error memory
# kept: a new interpreter per program bears it too; a worker that lives on must
import sys, threading
sys.setrecursionlimit(10**9)
threading.stack_size(2**30 // 4)
def down(held):
    return sorted([held, held], key=down)
thread = threading.Thread(target=down, args=(1,))
thread.start()
thread.join()
raise SystemExit(1)
#%% next
print("fine")
