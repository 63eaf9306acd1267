"""Messages that two parsers may read differently, so that a part of one becomes a request of its own.

Each holds a request with the id attempt-000, most of them a second one inside, inner-000, which
must never reach anybody but the connection that it came on. Ids keep their length when they are
numbered, since the lengths around them count.
"""
