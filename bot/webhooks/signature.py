"""Signs what is posted as Standard Webhooks has it: https://www.standardwebhooks.com."""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
LEAST_BYTES = 24


def read_secret(secret: str) -> bytes:
    """The key's bytes: ``whsec_`` and Base64, or any text as it is.

    Raises:
        ValueError: It is too short, or no Base64.
    """
    try:
        key = (
            base64.b64decode(secret.removeprefix(PREFIX), validate=True)
            if secret.startswith(PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        raise ValueError(f"Base64 behind {PREFIX}") from None
    if len(key) < LEAST_BYTES:
        raise ValueError(f"{LEAST_BYTES} bytes or more, as text or as {PREFIX} and Base64")
    return key


def headers_of(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers by which the receiver knows the sender, the moment and the message.

    Args:
        key: Of `read_secret`.
        message_id: The same whenever the same event is posted.
        timestamp: Of this attempt, UNIX time.
        body: What is posted.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
