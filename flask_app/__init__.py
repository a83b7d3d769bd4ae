"""The web edge: parse, call one service, render. It knows the services and nothing below them."""

from flask_app.app import create_app

__all__ = ["create_app"]
