"""Law: a link in place of the result is not followed."""
# oracle: secret
# kinds: not_a_wav blocked_call runtime_error
# kept: no runner copies results but ours; a copy that follows links would hand out a file of the host
import os
os.symlink("@SECRET_FILE@", "out.wav")
