"""Law: a module of a known name, left next to the result, is not imported by any other program."""
# oracle: next
# kept: it attacks a worker or a harness that imports from the scratch folder; the weaker runners do not
for name in ("wave", "numpy", "scipy", "soundfile", "sitecustomize", "usercustomize", "encodings"):
    open(f"{name}.py", "w").write("open('@DROP@/made', 'w').write('escaped')\nprint('CLAIM @TOKEN@ imported')\n")
#%% next
import wave, numpy, scipy
print("fine")
