"""The animator service with its heavy engines at a reduced size."""

from functools import partial
from unittest.mock import patch

from likeness_animator import __main__ as service
from likeness_animator.local import LocalAnimator
from tests.fakes.engines import SMALL_ENGINES

if __name__ == "__main__":
    with patch.object(service, "LocalAnimator", partial(LocalAnimator, engines=SMALL_ENGINES)):
        service.main()
