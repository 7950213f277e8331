"""The path that leads to the application, for those that ask for it while they are imported.

A gateway says with each request what of its path is not the application's: the
stage in ``/dev/tasks``, nothing at a domain of one's own. WSGI and ASGI hand it
on with the request, which is soon enough for most. Django puts it into URLs
that it makes once and keeps (``STATIC_URL``), and so does what reads them while
it is imported (WhiteNoise). So the likely path is known beforehand, by the
variable ``SCRIPT_NAME``, as with gunicorn; and where a request comes by another,
such an application is imported anew for it.
"""

import os
import sys
from importlib.util import find_spec

VARIABLE = "SCRIPT_NAME"
#: For how many paths one is imported. An API has one or two; what makes up more is none.
MOST = 4


def read(environment):
    """The likely path, as a request has it: ``/dev``."""
    return environment.get(VARIABLE, "").rstrip("/")


def announce():
    """Tell Django the likely path, if the package has it, before the application is imported."""
    if find_spec("django") is None:
        return
    from django.conf import global_settings
    from django.urls import set_script_prefix

    path = read(os.environ)
    # The default of a setting, so that a project's own settings count more; without one, each request's path counts.
    global_settings.FORCE_SCRIPT_NAME = path or None
    # What django.setup() does with that setting, but not for an application of WSGI or ASGI.
    set_script_prefix(path + "/")


def is_kept():
    """Whether the application, which was imported, has made the path that was announced its own."""
    conf = sys.modules.get("django.conf")
    if conf is None or not conf.settings.configured:
        return False
    return conf.settings.FORCE_SCRIPT_NAME == conf.global_settings.FORCE_SCRIPT_NAME
