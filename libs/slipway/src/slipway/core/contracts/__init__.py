"""What processes send each other: one module a contract, each with a schema number.

A reader takes its own schema and the one before, ignores fields that it does not know, and
counts and keeps aside everything else.
"""
