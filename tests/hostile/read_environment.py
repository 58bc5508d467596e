"""Law: the environment of the harness, where the keys are, is not the program's."""
# oracle: secret
import os
print(dict(os.environ))
