"""The API described for programs (OpenAPI 3.1), made from the served models' signatures. Knows no HTTP.

schemas        a model's input and output as JSON Schema
fixed_schemas  what does not depend on a model
examples       what a model really takes and answers
operations     one route each
paths          the routes, a module for each module of predictor.routes
objectives     what callers are promised
document       all of it
compatibility  which changes would break a client
"""
