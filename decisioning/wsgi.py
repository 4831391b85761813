"""The web application, for a WSGI server. WSGI, because Django under ASGI costs 2.5 to 3 times as much per request."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decisioning.settings")
application = get_wsgi_application()

import decisioning.urls  # noqa: E402, F401 - models can be imported only now; and the first to ask need not wait for all pages to load
from decisioning import collecting  # noqa: E402
from decisioning.refresher import start_refresher  # noqa: E402

start_refresher()
collecting.seldom()
