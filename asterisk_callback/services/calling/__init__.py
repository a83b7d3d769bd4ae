"""From a due request to an ended call: limits, claim, gate, reconciliation, stops."""
