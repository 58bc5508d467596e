"""Law: a link to an endless device is not followed."""
# oracle: kind
# kinds: not_a_wav blocked_call runtime_error
import os
os.symlink("/dev/zero", "out.wav")
