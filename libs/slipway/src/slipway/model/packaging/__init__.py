"""What a notebook left behind, as a verified version. Runs on the user's machine, never in an image.

sniffing        what a file is, without unpickling it
samples         rows of JSON, NDJSON, CSV or arrays
fields          the signature's fields, as far as a sample tells
matching        which field reaches which argument of the model
converting      each kind of model to weights that may be served:
                state_dicts, exported_programs, estimators, keras_models, onnx_files
comparing       the original's answers beside the packaged model's
making          the files of the version
packaging       all of it, one after the other
"""
