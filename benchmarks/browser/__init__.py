"""Compare what the engine decodes with what Chromium shows.

    python -m benchmarks.browser FOLDER|FILE... [--json FILE] [--save-png FOLDER] [--list-only-faults]

Each file is decoded here on white, and shown by the system's Chromium, headless: as an <img>, drawn on a
white canvas. Prints a line for each file, then how many there are of each status in each format. Exits with
1 if any is a fault.
"""
