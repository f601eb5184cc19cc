"""All that an engine is held to."""

from collections.abc import Callable

from tests.contract.engine_rules import (
    cancelling,
    capabilities,
    checkpoints,
    determinism,
    endurance,
    pictures,
    streaming,
)
from tests.contract.engine_rules.subject import Subject

Rule = Callable[[Subject], None]

RULES: tuple[Rule, ...] = (
    capabilities.info_is_complete,
    capabilities.info_is_constant,
    capabilities.frames_come_within_the_lookahead,
    capabilities.the_largest_side_is_drawn,
    capabilities.larger_sides_are_refused,
    capabilities.marks_are_needed_when_it_says_so,
    streaming.frames_follow_each_other,
    streaming.frames_cover_the_speech,
    streaming.formats_are_honoured,
    streaming.both_pixel_formats_show_the_same,
    streaming.full_framing_keeps_the_aspect_ratio,
    streaming.batches_fit_a_message,
    streaming.batches_end_within_a_second,
    determinism.the_same_input_gives_the_same_frames,
    determinism.chunking_changes_nothing,
    determinism.another_seed_gives_another_film,
    determinism.sessions_do_not_disturb_each_other,
    checkpoints.animations_continue_from_any_checkpoint,
    checkpoints.foreign_checkpoints_are_refused,
    checkpoints.checkpoints_come_with_every_batch_and_stay_small,
    cancelling.sessions_close_at_any_time,
    cancelling.closed_sessions_hold_nothing,
    cancelling.left_animations_leave_no_thread,
    pictures.every_portrait_moves,
    pictures.every_acting_is_drawn,
    pictures.every_sample_rate_is_heard,
    endurance.memory_stays_below_what_it_says,
    endurance.nothing_grows_with_the_speech,
    endurance.a_face_at_rest_does_not_drift,
    endurance.sound_and_picture_stay_in_step,
)
