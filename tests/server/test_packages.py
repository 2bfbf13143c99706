"""The folder of packages, as pages ask for it."""

from pathlib import Path

import httpx2
from starlette.applications import Starlette

from app.server.packages import ServedPackages
from tests.browser.tools.session.wheels import digest, wheel


async def test_files_are_listed_with_their_hashes_and_given(tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    app = Starlette(routes=ServedPackages(folder).routes())
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/api/packages")).json() == {}
        folder.mkdir()
        data = wheel("some", "1.2", "x = 1", "other>=2; python_version > '3'")
        (folder / "some-1.2-py3-none-any.whl").write_bytes(data)
        (folder / "numpy-2.4.6-cp314-cp314-pyemscripten_2026_0_wasm32.whl").write_bytes(b"numpy")
        (folder / "broken-1-py3-none-any.whl").write_bytes(b"broken")
        (folder / "notes.txt").write_text("none of it")
        secret = tmp_path / "secret"
        secret.write_text("secret")
        (folder / "linked.whl").symlink_to(secret)
        listed = (await client.get("/api/packages")).json()
        assert listed == {
            "some-1.2-py3-none-any.whl": {
                "size": len(data),
                "sha256": digest(data),
                "name": "some",
                "version": "1.2",
                "requires": ["other>=2; python_version > '3'"],
            },
            "numpy-2.4.6-cp314-cp314-pyemscripten_2026_0_wasm32.whl": {
                "size": 5,
                "sha256": digest(b"numpy"),
            },
            "broken-1-py3-none-any.whl": {"size": 6, "sha256": digest(b"broken")},
        }
        for name in listed:
            given = await client.get(f"/api/packages/{name}")
            assert digest(given.content) == listed[name]["sha256"]
        for name in ("linked.whl", "notes.txt", "..%2fsecret", "nothing.whl"):
            assert (await client.get(f"/api/packages/{name}")).status_code == 404
