"""Which share of users somebody belongs to: always the same one, for the same salt, on every machine."""

from __future__ import annotations

from hashlib import blake2b


def bucket(salt: str, identity: str) -> float:
    """From 0 up to, and without, 100: the first 8 bytes of BLAKE2b over salt, a zero byte and the identity, as a fraction of 2^64.

    Evenly spread, and independent between salts, as any cryptographic hash is. Identities may hold anything, lone surrogates too.
    """
    digest = blake2b(f"{salt}\0{identity}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    # 53 bits, since the nearest float to 64 of them could be 100 itself.
    return (int.from_bytes(digest, "big") >> 11) * (100 / 2**53)
