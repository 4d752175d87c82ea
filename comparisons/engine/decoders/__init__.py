"""One library a file, all of one shape; ``engine/decode.py`` says which of them reads what."""
