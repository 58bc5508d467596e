"""Law: chunks without number before the samples are unreadable, and are not walked to their end."""
# oracle: kind
# kinds: unreadable
body = b"LIST\0\0\0\0" * 500000
open("out.wav", "wb").write(b"RIFF" + len(body).to_bytes(4, "little") + b"WAVE" + body)
