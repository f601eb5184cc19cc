# ruff: noqa: RUF001 - the characters that look alike are the ones meant
"""Punctuation of the world's scripts, as classes the rest of the service shares."""

OPENERS = "\"'“‘«‹„‚([{¿¡「『（【"
CLOSERS = "\"'”’»›“)]}」』）】"

SENTENCE_ENDS = ".!?…؟۔।॥"
"""End a sentence when a space follows."""

CJK_SENTENCE_ENDS = "。！？｡"
"""End a sentence whatever follows."""

CLAUSE_ENDS = ",;:—–)"
"""End a clause when a space follows."""

CJK_CLAUSE_ENDS = "，、；："
"""End a clause whatever follows."""

DASHES = "—–"

STOP_CONSONANTS = "pbtdkɡgqcɟʈɖɢʔ"
"""IPA of the consonants that begin with a closed vocal tract; affricates begin with one of them."""

STRESS = "ˈˌ"
