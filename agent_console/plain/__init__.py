"""The console line by line, for a screen reader, a braille line, a very slow link or a script: no colours, no moving
about the screen, every line makes sense alone. Imports no Textual.

`program` starts it · `keyboard` and `lines` read what is typed or piped · `vocabulary` has the words of command ·
`desk` is what one works at, its commands in `reading`, `writing`, `sending`, `templates`, `keeping` and `helping` ·
`news` gathers what happens meanwhile · `wording` says it all.
"""
