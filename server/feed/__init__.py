"""The live feed over websockets: every event of the journal, in order, to every console.

`hub` reads each new event once, encodes it once and keeps the newest in a ring; a client is a cursor into that ring
(`client`). Nobody ever waits for a client: one that is in step gets the bytes written straight to its socket, one that
is not reads from the ring, or from the store when the ring has moved on (`ring`). Presence, counts and heartbeats are
not in the journal; of those a client that is behind gets only the newest (`presence`, `hub`).
"""
