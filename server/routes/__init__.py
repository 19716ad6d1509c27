"""The HTTP API. `table` lists every route and `endpoint` serves one; there is a file per resource.

Handlers are thin: the body or query string is decoded to its shape, a command or query goes through the Door, the
answer is encoded. Who may do what is the Door's business; errors become problem documents in one place (`problems`).
"""
