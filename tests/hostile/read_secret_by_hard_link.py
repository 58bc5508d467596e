"""Law: a hard link brings no file of the host into the scratch folder, not even as the result."""
# oracle: secret
import os
os.link("@SECRET_FILE@", "out.wav")
