"""Law: an exception that cannot be printed, and is none of the usual, ends the program and nothing else."""
# oracle: next
# kinds: runtime_error crashed
# kept: it attacks the printing of tracebacks, which a weaker runner leaves to the interpreter
import builtins, sys, traceback
class Odd(BaseException):
    def __str__(self):
        raise Odd
    __repr__ = __str__
sys.excepthook = None
traceback.print_exc = traceback.format_exception = traceback.print_exception = None
del builtins.print
raise Odd
#%% next
print("fine")
