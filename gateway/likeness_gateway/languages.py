"""Whether a voice speaks a language, before the speech service is asked to."""

import difflib

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import VoiceInfo

_FORMER = {"iw": "he", "in": "id", "nn": "nb"}
"""What some write for languages that voices list under another name."""

_NEAREST = 5


def check_language(language: str, voice: VoiceInfo) -> None:
    """Refuse a language of which the voice lists no variety: InvalidArgument (LANGUAGE_UNKNOWN).

    Varieties are for the voice to judge, which may read one as another.
    """
    tag = language.strip().lower().replace("_", "-")
    if _primary(tag) in {_primary(known.lower()) for known in voice.languages}:
        return
    nearest = difflib.get_close_matches(tag, voice.languages, _NEAREST)
    hint = f"did you mean {', '.join(nearest)}?" if nearest else "ListVoices names its languages"
    raise InvalidArgument(
        Reason.LANGUAGE_UNKNOWN,
        f"spec.script.language {language[:40]!r} is not a language of the voice {voice.name}; {hint}",
        field="spec.script.language",
        metadata={"nearest": ",".join(nearest)},
    )


def _primary(tag: str) -> str:
    subtag = tag.partition("-")[0]
    return _FORMER.get(subtag, subtag)
