"""Run every ```bash and ```python block of README.md as a stranger would, against a real `likeness serve`.

Blocks run in order, each by itself, in a scratch folder that holds photo.jpg and speech.wav. grpcurl is taken from
PATH; where it is not installed, a stand-in passes the same arguments to `buf curl`, which speaks the same JSON over the
same reflection.
"""

import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import grpc

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"```(bash|python)\n(.*?)```", re.DOTALL)
GRPCURL = """#!/usr/bin/env bash
# Passes grpcurl's arguments on to `buf curl`.
set -euo pipefail
data=()
while [[ ${1-} == -* ]]; do
  case $1 in
    -plaintext) shift ;;
    -d) [[ $2 == @ ]] && data=(-d @-) || data=(-d "$2"); shift 2 ;;
    *) echo "the stand-in for grpcurl does not know $1" >&2; exit 2 ;;
  esac
done
buf() { npx --yes @bufbuild/buf@1.75.0 curl --protocol grpc --http2-prior-knowledge "$@"; }
if [[ $2 == list ]]; then
  buf --list-services "http://$1"
else
  buf "${data[@]}" "http://$1/$2"
fi
"""


def blocks() -> list[tuple[str, str]]:
    """Return the language and the text of every block."""
    return BLOCK.findall((ROOT / "README.md").read_text())


def command(language: str, text: str) -> list[str]:
    """Return the command that runs a block."""
    return [sys.executable, "-c", text] if language == "python" else ["bash", "-euo", "pipefail", "-c", text]


def environment(scratch: Path) -> dict[str, str]:
    """Return an environment in which `likeness` and `grpcurl` are commands."""
    paths = [str(ROOT / ".venv" / "bin"), os.environ["PATH"]]
    if shutil.which("grpcurl") is None:
        stand_in = scratch / "bin" / "grpcurl"
        stand_in.parent.mkdir()
        stand_in.write_text(GRPCURL)
        stand_in.chmod(0o755)
        paths.insert(0, str(stand_in.parent))
    return {**os.environ, "PATH": ":".join(paths), "XDG_DATA_HOME": str(scratch / "data")}


def write_photo(path: Path) -> None:
    """Write the photo that the README speaks of."""
    import imageio.v3 as iio  # noqa: PLC0415  # heavy, and only needed here
    from skimage import data  # noqa: PLC0415  # likewise

    iio.imwrite(path, data.astronaut())


def write_recording(path: Path) -> None:
    """Write the recording that the README speaks of: two seconds of a hum that comes and goes."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        hum = (int(9000 * math.sin(i * 0.1) * math.sin(i * 0.002) ** 2) for i in range(16_000))
        file.writeframes(struct.pack("<16000h", *hum))


def main() -> int:
    """Run all blocks; return 1 when one fails."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        write_photo(scratch / "photo.jpg")
        write_recording(scratch / "speech.wav")
        env = environment(scratch)
        serving: subprocess.Popen[bytes] | None = None
        try:
            for language, block in blocks():
                if block.startswith("likeness serve"):
                    serving = subprocess.Popen(["likeness", "serve"], env=env, cwd=scratch)  # noqa: S607  # on PATH
                    with grpc.insecure_channel("localhost:50051") as channel:
                        grpc.channel_ready_future(channel).result(timeout=60)
                    continue
                print(f"--- README ---\n{block}", flush=True)
                done = subprocess.run(command(language, block), env=env, cwd=scratch, check=False)
                if done.returncode:
                    print(f"failed with status {done.returncode}", file=sys.stderr)
                    return 1
        finally:
            if serving:
                serving.terminate()
                serving.wait(60)
    print(f"{len(blocks())} README blocks ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
