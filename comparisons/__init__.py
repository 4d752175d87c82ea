import os

# Nothing here is linear algebra. OpenBLAS starts threads for it as soon as numpy is imported, and they spin
# before they sleep: to compare two screens once took twice the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
