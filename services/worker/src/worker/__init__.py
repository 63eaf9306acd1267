"""The worker: computes the chunks of batches, one after the other, with models that stay loaded."""
