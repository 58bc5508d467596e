"""Law: a good header over no samples is too_short."""
# oracle: kind
# kinds: too_short
import wave
with wave.open("out.wav", "wb") as stream:
    stream.setparams((1, 2, 44100, 0, "NONE", ""))
