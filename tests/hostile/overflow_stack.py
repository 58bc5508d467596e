"""Law: a stack without end is a crash of the program's own."""
# oracle: next
# kinds: crashed runtime_error memory
# kept: a new interpreter per program bears it too; a worker that lives on must
import sys
sys.setrecursionlimit(10**9)
class Deep:
    def __repr__(self):
        return repr([self])
def down():
    return [repr(Deep()), down()]
down()
#%% next
print("fine")
