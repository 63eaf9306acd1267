"""The Open Inference Protocol, version 2: what its messages mean to our models. Knows no HTTP.

tensors         named arrays with a type and a shape
json_data       their values as JSON
binary          their values as bytes (the binary tensor extension)
infer_request   a body as a request
rows            tensors ↔ instances and predictions
infer_response  a prediction's tensors as a body
metadata        a model described in the protocol's words
"""
