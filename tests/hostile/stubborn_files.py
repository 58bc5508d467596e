"""Law: files without permissions and with odd names are cleared away like any other."""
# oracle: litter
# kept: a weaker runner keeps no scratch of its own to clear
import os
os.makedirs("locked/inner")
for name in (b"new\nline", b"\xff\xfe", b"-rf", b"x" * 255, b" "):
    open(b"locked/inner/" + name, "w").close()
os.chmod("locked/inner", 0)
os.chmod("locked", 0)
os.mkdir("made_closed", 0)
os.mkdir("deep", 0o300)
os.close(os.open("deep/unreadable", os.O_CREAT | os.O_WRONLY, 0))
