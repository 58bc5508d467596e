"""Law: a segmentation fault ends the program alone."""
# oracle: next
# kinds: crashed
# kept: a new interpreter per program bears it too; a worker that lives on must
import ctypes
ctypes.string_at(0)
#%% next
print("fine")
