"""Law: a module of a known name, left beside the result, is imported by nobody else."""
# oracle: next
# kept: it attacks a worker or a harness that imports from the scratch folder; the weaker runners do not
for name in ("wave", "numpy", "scipy", "soundfile", "sitecustomize", "usercustomize", "encodings"):
    open(f"{name}.py", "w").write("open('@DROP@/made', 'w').write('escaped')\nprint('CLAIM @TOKEN@ imported')\n")
#%% next
import wave, numpy, scipy
print("fine")
