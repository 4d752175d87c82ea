"""Those that are compared, each from the bytes of two files to the bytes of a mask.

A module of Python has ``compare(content1, content2, task)`` and is run by ``benchmarks.worker``.
"""
