"""The words that training saw, as a bitmap: to tell how much of a text is made of others.

A word is the CRC of its lower-case form, modulo the bitmap's places. So two words may share a
place, and a new one pass for known by chance (7 in 100 beside 9,000 known words); a known one is
never taken for new. Bloom (1970), Space/Time Trade-offs in Hash Coding, with one hash.
"""

import re
import zlib
from collections.abc import Iterable

PLACES = 1 << 17
_WORD, _ASCII_WORD = re.compile(r"\w+"), re.compile(rb"\w+")


def words_of(text: str) -> list[bytes]:
    """Runs of letters, digits and underscores, in lower case, as UTF-8."""
    lower = text.lower()
    if lower.isascii():  # by its bytes alone: a third of the time
        return _ASCII_WORD.findall(lower.encode())
    return [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(lower)]


def bitmap_of(texts: Iterable[str]) -> bytes:
    """Which places the words of these texts have; PLACES bits, the lowest of each byte first."""
    found = bytearray(PLACES // 8)
    for text in texts:
        for word in words_of(text):
            place = zlib.crc32(word) % PLACES
            found[place >> 3] |= 1 << (place & 7)
    return bytes(found)


class Vocabulary:
    """A bitmap of any size, made ready for looking words up."""

    def __init__(self, bitmap: bytes) -> None:
        self._places = 8 * len(bitmap)
        self._known = frozenset(
            8 * byte + bit
            for byte, bits in enumerate(bitmap)
            for bit in range(8)
            if bits >> bit & 1
        )

    def unknown_share(self, text: str) -> float:
        """The share (0 to 1) of the text's words that training never saw; 0 of a text without one."""
        words = words_of(text)
        if not words:
            return 0.0
        places, known = self._places, self._known
        return sum([hashed % places not in known for hashed in map(zlib.crc32, words)]) / len(words)
