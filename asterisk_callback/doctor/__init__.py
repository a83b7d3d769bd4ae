"""The doctor: every check says ok, or what is wrong and how to mend it. Nothing is changed."""

from asterisk_callback.doctor.examination import examine
from asterisk_callback.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
