"""The verbs: what can be done with callback requests, one file each, in rooms. They know the
store; no telephone, no mail, no settings and no web: those know them."""
