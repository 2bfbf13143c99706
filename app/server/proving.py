"""The server's side of a proof: `native/server_file.py` says what it proves, and why.

GET  ?nonce=…   the server proves the token first, to whoever asks: {proof, nonce}
POST {proof}    then the terminal does, over the same connection; that one is answered from then on
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..native.server_file import PROOF_PATH, Proof, is_same, new_nonce, proof_of
from .errors import api_error
from .protocol import connection_of


def proof_routes(token: str) -> list[Route]:
    """Make the routes."""

    async def prove(request: Request) -> Response:
        connection = connection_of(request.scope)
        theirs = request.query_params.get("nonce", "")
        if connection is None or not theirs:
            return api_error(400, "a nonce is needed, over a connection", "no_nonce")
        connection.nonces = theirs, new_nonce()
        proof = proof_of("server", token, *connection.ours, *connection.nonces)
        said = Proof(proof, connection.nonces[-1])
        return Response(msgspec.json.encode(said), media_type="application/json")

    async def check(request: Request) -> Response:
        connection = connection_of(request.scope)
        try:
            said = msgspec.json.decode(await request.body(), type=Proof)
        except msgspec.MsgspecError as error:
            return api_error(400, f"a proof is needed: {error}", "bad_proof")
        if connection is None or not connection.nonces:
            return api_error(400, "the server proves first: GET", "no_nonce")
        wanted = proof_of("terminal", token, *connection.ours, *connection.nonces)
        connection.nonces = ()
        if not is_same(said.proof, wanted):
            return api_error(403, "that proves another token", "bad_proof")
        connection.is_proven = True
        return Response(status_code=204)

    return [
        Route(PROOF_PATH, prove, methods=["GET"]),
        Route(PROOF_PATH, check, methods=["POST"]),
    ]
