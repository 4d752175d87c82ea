"""The service's settings, with its stages watched."""

from config.settings import *  # noqa: F403 - all of them, whatever they will be
from config.settings import MIDDLEWARE as SERVED_MIDDLEWARE

MIDDLEWARE = ["benchmarks.timing.TimingMiddleware", *SERVED_MIDDLEWARE]
