"""Tones: write one, and measure how loud each frequency is in a recording (Goertzel)."""

import math
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

from .waiting import PATIENCE, until

RATE = 8000


def write_tone(path: Path, hertz: int, seconds: float = 10.0) -> Path:
    """Write a mono 16-bit WAV of a sine; returns `path`."""
    count = int(RATE * seconds)
    samples = (int(8000 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(count))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{count}h", *samples))
    return path


def levels(path: Path, frequencies: Sequence[int], seconds: float = 1.0) -> dict[int, float]:
    """Amplitude (0 to 32767) of each frequency in the last `seconds` of a recording.

    Works while the file is still being written (Asterisk writes 32 kB at a time, 1 s of .wav16):
    its header's length is not believed. Empty recordings are silent.
    """
    step = 2 if path.suffix == ".wav16" else 1
    data = path.read_bytes()[44:]
    samples = struct.unpack(f"<{len(data) // 2}h", data[: len(data) // 2 * 2])
    samples = samples[-int(RATE * seconds) * step :: step]
    return {hertz: _goertzel(samples, hertz) for hertz in frequencies}


def share(path: Path, hertz: int, level: float = 500.0) -> float:
    """In how much of a recording (0 to 1, by fifths of a second) a tone is heard. .wav only."""
    data = path.read_bytes()[44:]
    samples = struct.unpack(f"<{len(data) // 2}h", data[: len(data) // 2 * 2])
    step = RATE // 5
    parts = [samples[at : at + step] for at in range(0, len(samples) - step + 1, step)]
    return sum(_goertzel(part, hertz) > level for part in parts) / max(1, len(parts))


def peak(path: Path) -> int:
    """The loudest sample (0 to 32767) of a whole recording, also while it is being written."""
    data = path.read_bytes()[44:] if path.exists() else b""
    samples = struct.unpack(f"<{len(data) // 2}h", data[: len(data) // 2 * 2])
    return max(map(abs, samples), default=0)


def wait_for_tone(
    path: Path, hertz: int, timeout: float = PATIENCE, level: float = 1000.0
) -> float:
    """Wait until half a second of `hertz` is heard in a growing recording; its amplitude."""
    return until(
        lambda: _loud(path, hertz, level), timeout, f"a tone of {hertz} Hz in {path.name}", 0.1
    )


def _loud(path: Path, hertz: int, level: float) -> float | None:
    if not path.exists():
        return None
    found = levels(path, [hertz], 0.5)[hertz]
    return found if found >= level else None


def _goertzel(samples: Sequence[int], hertz: int) -> float:
    k = 2 * math.cos(2 * math.pi * hertz / RATE)
    a = b = 0.0
    for value in samples:
        a, b = value + k * a - b, a
    power = a * a + b * b - k * a * b
    return math.sqrt(max(0.0, power)) * 2 / max(1, len(samples))
