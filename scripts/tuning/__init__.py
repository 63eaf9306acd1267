"""make tune: what a machine does with a model, and the settings that follow from it.

deciding: pure, from measured points to values. asking, serving, measuring: what measures them.
"""
