"""Law: a FIFO in place of the result is refused without waiting for a writer."""
# oracle: kind
# kinds: not_a_wav blocked_call runtime_error
import os
os.mkfifo("out.wav")
