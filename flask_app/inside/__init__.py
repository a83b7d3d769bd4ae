"""The side of the house for whoever works here: they sign in, and go where their role lets them.

A new page: its blueprint in app.STAFF_BLUEPRINTS, its place in the bar in bar.NAVIGATION, an access
rule at each view, and a template that extends inside/base.html. The inside speaks English.
"""
