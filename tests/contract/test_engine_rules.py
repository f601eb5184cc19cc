"""The rules that engines are held to can fail: every one finds those who break it, and none blames a sound engine."""

from collections.abc import Mapping

import pytest

from likeness_animator.portrait import AnalysedPortrait
from likeness_animator.registry import Entry
from likeness_common.errors import InvalidArgument
from likeness_common.weights import WeightStore
from tests.contract.broken_engines import boasting, forgetting, lingering, miscounting
from tests.contract.engine_rules import (
    cancelling,
    capabilities,
    checkpoints,
    determinism,
    endurance,
    pictures,
    streaming,
)
from tests.contract.engine_rules.rules import RULES, Rule
from tests.contract.engine_rules.subject import Subject
from tests.contract.toy_engine import ToyEngine
from tests.fakes.engines import SMALL_ENGINES

pytestmark = pytest.mark.contract

CULPRITS: Mapping[Rule, tuple[type[ToyEngine], ...]] = {
    capabilities.info_is_complete: (
        boasting.WithoutLicence,
        boasting.WithHiddenWeightLicence,
        boasting.OnUnknownRunner,
    ),
    capabilities.info_is_constant: (boasting.Changing,),
    capabilities.frames_come_within_the_lookahead: (boasting.Late,),
    capabilities.the_largest_side_is_drawn: (boasting.BoastingOfItsSize,),
    capabilities.larger_sides_are_refused: (boasting.TakingAnySize,),
    capabilities.marks_are_needed_when_it_says_so: (boasting.Deaf, boasting.AskingForMarksInVain),
    streaming.frames_follow_each_other: (miscounting.Skipping, miscounting.Repeating, miscounting.ShortFrames),
    streaming.frames_cover_the_speech: (miscounting.EndingEarly, miscounting.Empty),
    streaming.formats_are_honoured: (miscounting.SquareOnly, miscounting.OneFormatOnly),
    streaming.both_pixel_formats_show_the_same: (miscounting.FullRange,),
    streaming.full_framing_keeps_the_aspect_ratio: (miscounting.StretchingTheWhole,),
    streaming.batches_fit_a_message: (miscounting.AllAtOnce,),
    streaming.batches_end_within_a_second: (boasting.SlowInLargeBatches,),
    determinism.the_same_input_gives_the_same_frames: (forgetting.ByTheClock, forgetting.Ageing),
    determinism.chunking_changes_nothing: (forgetting.CountingChunks,),
    determinism.another_seed_gives_another_film: (forgetting.Seedless,),
    determinism.sessions_do_not_disturb_each_other: (forgetting.Gossiping,),
    checkpoints.animations_continue_from_any_checkpoint: (forgetting.Fading,),
    checkpoints.foreign_checkpoints_are_refused: (
        forgetting.StartingAfresh,
        forgetting.BlamingNobody,
        forgetting.TakingAnyFormat,
    ),
    checkpoints.checkpoints_come_with_every_batch_and_stay_small: (forgetting.Verbose, forgetting.Silent),
    cancelling.sessions_close_at_any_time: (lingering.ClosingOnce, miscounting.Eager),
    cancelling.closed_sessions_hold_nothing: (lingering.Clinging,),
    cancelling.left_animations_leave_no_thread: (lingering.Restless,),
    pictures.every_portrait_moves: (lingering.AfraidOfTheDark, lingering.Faceless),
    pictures.every_acting_is_drawn: (lingering.Humourless,),
    pictures.every_sample_rate_is_heard: (lingering.OneRate,),
    endurance.memory_stays_below_what_it_says: (boasting.Greedy,),
    endurance.nothing_grows_with_the_speech: (lingering.Remembering, lingering.HoardingTensors),
    endurance.a_face_at_rest_does_not_drift: (lingering.Brightening,),
    endurance.sound_and_picture_stay_in_step: (lingering.FastClock, lingering.Foreknowing),
}

CASES = [
    pytest.param(rule, culprit, id=f"{rule.__name__}-{culprit.__name__}")
    for rule, culprits in CULPRITS.items()
    for culprit in culprits
]


def subject_of(
    engine: type[ToyEngine],
    weights: WeightStore,
    files: Mapping[str, bytes],
    portraits: Mapping[str, AnalysedPortrait],
) -> Subject:
    entries = {"toy": Entry(f"{engine.__module__}:{engine.__name__}"), **SMALL_ENGINES}
    return Subject("toy", entries, weights, files["plain"], portraits)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_sound_engine_keeps_the_rule(
    rule: Rule, weights: WeightStore, files: Mapping[str, bytes], portraits: Mapping[str, AnalysedPortrait]
) -> None:
    rule(subject_of(ToyEngine, weights, files, portraits))


@pytest.mark.parametrize(("rule", "culprit"), CASES)
def test_the_rule_finds_its_culprit(
    rule: Rule,
    culprit: type[ToyEngine],
    weights: WeightStore,
    files: Mapping[str, bytes],
    portraits: Mapping[str, AnalysedPortrait],
) -> None:
    subject = subject_of(culprit, weights, files, portraits)
    with pytest.raises((AssertionError, pytest.fail.Exception, RuntimeError, InvalidArgument)):
        rule(subject)


def test_every_rule_has_a_culprit() -> None:
    assert set(CULPRITS) == set(RULES)
