"""Law: bytes that are no text, and texts that are no characters, are kept or cut but break nothing."""
# oracle: next
# kinds: no_file
# kept: it attacks the keeping of the streams, which a weaker runner does not do
import os, sys
os.write(1, bytes(range(256)) * 4 + b"\xed\xa0\x80\xff\xfe\0")
os.write(2, b"\x1b]0;title\x07\x1b[2J\x1b[31m" + b"\xf0\x9f" * 50)
sys.stdout.buffer.write("\ud800".encode("utf-8", "surrogatepass"))
#%% next
print("fine")
