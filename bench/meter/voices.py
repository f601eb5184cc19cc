"""Speech of fixed scripts by several voices, with phoneme marks that are the truth to measure against."""

import asyncio
from functools import cache

from bench.meter.film import RATE, Speech
from likeness_common.stages.speech import Script
from likeness_tts.local import LocalSpeech
from likeness_tts.text import pieces
from likeness_tts.voices.espeak.reader import Reader
from likeness_tts.voices.espeak.supply import Supply

SPEECH = (
    "Mama made a map. Papa bought a big, warm bun for Bob. Stop! My brother may visit the park, far away, above the "
    "harbour. People often ask why the calm water moves past the palm trees. Five of us found two small blue boats. "
    "Oh, how lovely! We keep seeing the moon over the old barn. Please come back home, mother, before it rains."
)
"""About 25 seconds with many lips that meet, open vowels, and pauses."""

STORY = (
    "What a beautiful map! Tom put the small brown box beside the lamp. Nobody moved. Before supper, both of them "
    "walked home past the old farm. Can you remember my number? We must jump over the pond, or wait. Both paths "
    "are bumpy. Marvellous! Perhaps Pam will bring some apple jam, warm bread, and a bottle of plum cider for my uncle."
)
"""About 20 seconds more."""

MINUTE = (
    "Every morning the harbour wakes slowly. Boats leave the pier one by one, and their lamps go out when the sun "
    "comes over the hill. Nobody hurries. The baker opens her window, and the smell of bread drifts across the "
    "square. Children run past the fountain; one of them always stops to feed the pigeons. What would happen if she "
    "forgot? They would wait, I believe, and they would forgive her by noon. At nine the market begins. There are "
    "apples, plums, and pumpkins, piled up in heaps, and a man who sells nothing but brooms. He knows everybody by "
    "name. I once asked him why he never retired. He laughed, and said that a broom is a promise: tomorrow there "
    "will be a floor, and somebody will want it clean. Later the wind turns. It blows from the sea, and it brings "
    "the sound of a bell that hangs on a buoy, far outside the bay. Some say it was put there by a captain who lost "
    "his way in fog. Others say that it has always been there. Either way, people listen for it. When it stops, a "
    "storm is coming. "
)
"""About a minute."""


@cache
def said(text: str, language: str = "en-us", rate: float = 1.0) -> Speech:
    """`text` by the product's default voice."""
    return asyncio.run(_collect(Script(text, language=language, rate=rate)))


async def _collect(script: Script) -> Speech:
    return Speech([event async for event in LocalSpeech().synthesize(script, RATE)])


@cache
def said_by_variant(text: str, identifier: str) -> Speech:
    """`text` by a voice file of eSpeak NG with a variant, such as `gmw/en-US+f3`, that the product does not offer."""
    reader = Reader(Script(text), identifier, RATE, Supply())
    try:
        return Speech([event for piece in pieces(text) for event in reader.read(piece)])
    finally:
        reader.close()
