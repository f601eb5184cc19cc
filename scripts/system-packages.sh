#!/usr/bin/env bash
# Install the system packages that the tests need: ffprobe judges our files independently of the code that wrote them.
set -euo pipefail
command -v ffprobe >/dev/null && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "The tests need ffprobe. Install it and run again, for example: sudo apt-get install ffmpeg" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg >/dev/null
