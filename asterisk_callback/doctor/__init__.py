"""The doctor: every check says ok, or what is wrong and how to fix it. Nothing is changed."""

from asterisk_callback.doctor.examination import examine
from asterisk_callback.doctor.finding import CheckStatus, Finding

__all__ = ["CheckStatus", "Finding", "examine"]
