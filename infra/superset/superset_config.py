"""A Superset for trying: its own SQLite metadata in RECOUNT_SUPERSET_HOME, and no browser."""

import os

HOME = os.environ["RECOUNT_SUPERSET_HOME"]

SECRET_KEY = "only for a Superset that nobody else can reach"
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
