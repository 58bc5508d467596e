"""Law: a pickle named out.wav is not_a_wav, and is never loaded."""
# oracle: kind
# kinds: not_a_wav
import pickle
class Trap:
    def __reduce__(self):
        return (open, ("@DROP@/made", "w"))
open("out.wav", "wb").write(pickle.dumps(Trap()))
