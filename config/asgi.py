"""What the server runs."""

from .front import Front
from .wsgi import application as wsgi_application

# isort: split
# That has set Django up.
from comparisons.api.limits import configured_body_limits, count_threads

application = Front(wsgi_application, configured_body_limits(), count_threads())
