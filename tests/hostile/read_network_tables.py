"""Law: the sockets of the host cannot be listed."""
# oracle: claim
if f":{int('@PORT@'):04X}" in open("/proc/net/tcp").read():
    print("CLAIM @TOKEN@ saw a listener of the host")
