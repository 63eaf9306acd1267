"""All attempts by name."""

from support.smuggling import framing, proxying, syntax

CORPUS = {
    **dict(framing.length_and_chunks()),
    **dict(framing.hidden_chunks()),
    **dict(framing.lengths()),
    **dict(framing.chunk_sizes()),
    **dict(syntax.request_lines()),
    **dict(syntax.hosts()),
    **dict(syntax.line_ends()),
    **dict(syntax.headers()),
    **dict(syntax.too_large()),
    **dict(proxying.other_protocols()),
    **dict(proxying.hop_by_hop()),
    **dict(proxying.answered_before_the_body()),
}
