"""Web callbacks for Asterisk: nobody is forgotten, nobody is rung twice, nobody waits on hold."""

__version__ = "0.1.0"
