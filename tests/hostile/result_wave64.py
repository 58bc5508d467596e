"""Law: a file of Sony's 64-bit kind is not_a_wav."""
# oracle: kind
# kinds: not_a_wav
open("out.wav", "wb").write(bytes.fromhex("726966662e91cf11a5d628db04c10000") + bytes(8) + bytes.fromhex("77617665f3acd3118cd100c04f8edb8a") + bytes(4000))
