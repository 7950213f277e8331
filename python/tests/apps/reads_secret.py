"""A function that says what it has in its environment."""

import os


def read(event, context):
    return {name: os.environ.get(name) for name in ("KEY", "SLAM_SECRETS")}
