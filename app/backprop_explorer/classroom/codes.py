"""Codes of rooms, and secret keys of lecturers and students.

A code is typed from a projector: 8 characters of an alphabet without I, L, O and U, which makes 40
bits. With 1,000 rooms a guess hits one with probability 10⁻⁹, and guesses are limited in rate. Keys
have 128 bits; the store has their hashes only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

# Crockford's base 32.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
KEY_BYTES = 16
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_MOST_TYPED = 20


def new_code() -> str:
    """Return a random code, such as ``K74Q9XMD``."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """Write a code in two groups, as it is shown: ``K74Q-9XMD``."""
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str | None:
    """Return the code in a typed text, or None if the text is no code.

    Case, blanks and hyphens do not matter; O is read as 0, I and L as 1.
    """
    if len(text) > _MOST_TYPED:
        return None
    code = re.sub(r"[\s-]", "", text).upper().translate(_ALIKE)
    return code if _CODE.fullmatch(code) else None


def new_key() -> str:
    """Return a random key of 128 bits, as 22 characters that a URL or header may have."""
    return secrets.token_urlsafe(KEY_BYTES)


def digest(key: str) -> str:
    """Return the first 128 bits of a key's SHA-256, in hexadecimal.

    Keys are random, so that neither salt nor a slow hash is needed.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def short_digest(network: str, secret: str = "") -> str:
    """Return 16 bits of a network's hash, as hexadecimal digits.

    They tell networks apart for shares, and name none: 65,000 networks of IPv4 have the same.
    """
    return hmac.new(secret.encode(), network.encode(), hashlib.sha256).hexdigest()[:4]


def screen_token(secret: str) -> str:
    """Return the token that only reads what the hall sees: 128 bits that tell nothing else."""
    mac = hmac.new(secret.encode(), b"screen", hashlib.sha256).digest()[:KEY_BYTES]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def matches(key: str, expected: str) -> bool:
    """Tell whether ``key`` has this digest, in a time that does not depend on where they differ."""
    return hmac.compare_digest(digest(key), expected)


def seed_of(secret: str, question: int, student: str) -> str:
    """Return the seed of one student's numbers: a hash that does not lead back to the student."""
    text = f"{question}:{student}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
