"""What all pictures share."""


def percent(x: float) -> str:
    return f"{x:.2f}".rstrip("0").rstrip(".") + "%"
