"""The four digits by which a member is known on the telephone, kept as a salted hash."""

import hashlib
import hmac
import secrets

_COST, _BLOCK, _PARALLEL = 2**12, 8, 1


def new_salt() -> str:
    """Sixteen random bytes, hexadecimal."""
    return secrets.token_hex(16)


def phone_code_hash(code: str, salt: str) -> str:
    """The code by scrypt (RFC 7914), hexadecimal.

    Four digits are soon guessed by whoever has the hash: the lock after wrong ones protects the
    account, the hash keeps codes from being read in the database.
    """
    derived = hashlib.scrypt(
        code.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_PARALLEL, dklen=32
    )
    return derived.hex()


def is_phone_code(code: str, salt: str, expected: str) -> bool:
    """Whether the code is the member's, in a time that tells nothing."""
    return hmac.compare_digest(phone_code_hash(code, salt), expected)
