class DecoderRefused(Exception):
    """The library doesn't take this file; another one reads it, or says what is wrong with it."""
