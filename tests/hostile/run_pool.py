"""Law: a pool of processes starts none, and does not hang the harness."""
# oracle: claim
import concurrent.futures, os
with concurrent.futures.ProcessPoolExecutor(2) as pool:
    if pool.submit(os.getpid).result(timeout=3) != os.getpid():
        print("CLAIM @TOKEN@ ran a pool")
