"""For clients of addresses without TLS: to read the machine's certificates takes longer than a test."""

from ssl import PROTOCOL_TLS_CLIENT, SSLContext

NO_CERTIFICATES = SSLContext(PROTOCOL_TLS_CLIENT)
