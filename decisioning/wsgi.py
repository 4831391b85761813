"""The web application, for a WSGI server. WSGI, because Django under ASGI costs 2.5 to 3 times as much per request."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decisioning.settings")
application = get_wsgi_application()

from decisioning import collecting  # noqa: E402 - models can be imported only now
from decisioning.refresher import start_refresher  # noqa: E402

start_refresher()
collecting.seldom()
