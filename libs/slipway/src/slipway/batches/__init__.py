"""Batches in the store: what they are made of, how far they are, and what ends them.

A batch exists once its manifest was created. It is cut into chunks; a chunk's result is one
object, created if absent, so that of two workers with the same chunk the first one wins.
Everything here is true of the store alone: Redis may lose all it has and no batch is lost.

batches/<id>/
    manifest.json                    created last when a batch is accepted
    input/<upload>/<chunk>.ndjson    validated rows, created before the manifest
    started.json                     when the first chunk was begun
    results/<chunk>.ndjson           a line a row, in input order
    finished.json                    how it ended: the first one to say so is right
batch-index/                         empty objects that make batches findable (index.py)
"""
