"""Law: a link to itself is refused like any other."""
# oracle: kind
# kinds: not_a_wav blocked_call runtime_error
import os
os.symlink("out.wav", "out.wav")
