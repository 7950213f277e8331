from httpbin import app

__all__ = ["app"]
