"""The service, without its HTTP and its database."""

import io
import time

from PIL import Image

from benchmarks import environment as _environment  # noqa: F401 - before Django's models
from benchmarks.outcome import Outcome
from benchmarks.task import Task
from comparisons.api.limits import configured_gates, configured_limits
from comparisons.decoding import DECODER_POOL
from comparisons.engine import Limits, Options, render_mask
from comparisons.inputs import ImageFile
from comparisons.pipeline import arriving, comparing

OPTIONS = {
    Task.MASK: Options(),
    Task.ANTIALIASING: Options(method="yiq", ignore_antialiasing=True),
    Task.SSIM: Options(method="ssim"),
}


def start_decoder_process() -> None:
    """Have it ready, as it is in a service that has compared before."""
    buffer = io.BytesIO()
    Image.new("RGB", (1000, 1000)).save(buffer, "PNG")
    content, limits = buffer.getvalue(), Limits()
    ends_at = time.monotonic() + 10
    while time.monotonic() < ends_at:
        if finish := DECODER_POOL.begin(content, (0, 0, 0), limits):
            finish()
            return
        time.sleep(0.01)


def compare(content1: bytes, content2: bytes, task: Task) -> Outcome:
    inputs = {
        name: ImageFile(name, name, len(content), lambda content=content: content)  # type: ignore[misc]
        for name, content in {"image1": content1, "image2": content2}.items()
    }
    limits, gates = configured_limits(), configured_gates()
    with (
        arriving(inputs, limits, gates) as images,
        comparing(inputs, images, OPTIONS[task], limits, gates) as result,
    ):
        return Outcome(render_mask(result), mse=result.mse, ssim=result.ssim)


start_decoder_process()
