"""What a comparison goes through before it is recorded: fetch → decode → fit → compare."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TypeVar

from . import engine, fetch
from .cancellation import NEVER, Cancellation
from .decoding import DECODER_POOL, decode_picture
from .engine import (
    EngineError,
    IgnoreMaskSizeDiffers,
    Options,
    Picture,
    Result,
    compare,
    make_stand_in,
    read_header,
)
from .engine.decoder_pool import gains_from_process
from .fetch import FetchError
from .gate import Gate
from .inputs import ImageFile, ImageInput
from .models import ReceivedImage
from .spool import MAX_BYTES_IN_MEMORY, Spool
from .watchdog import watching

T = TypeVar("T")

# While they decode, decoders hold the pixels two or three times.
MAX_PIXELS_SIDE_BY_SIDE = 40_000_000
# While a few comparisons are in hand.
FEW = 8
MAX_BYTES_OF_FEW = 1_000_000

# They wait for the next comparison: starting them takes longer than what some of them do. The gates
# bound how many there are.
THREADS = ThreadPoolExecutor(max_workers=10_000, thread_name_prefix="comparison")


@dataclass(frozen=True)
class Limits:
    """What one comparison may take. A worker that does a step of it for longer than its time ends."""

    fetch: fetch.Policy
    engine: engine.Limits
    work_timeout_seconds: float = 120


@dataclass(frozen=True)
class Gates:
    """What one process does at a time.

    Comparisons in hand wait for their images to arrive, or for a place to be worked on. Those that download
    are fewer, so that hosts that do not answer leave room for uploads. A place to be worked on has
    room for the bytes of one image at the limit. Pixels are counted where they are decoded.
    """

    in_hand: Gate
    downloads: Gate
    comparisons: Gate
    pixels: Gate


class ImagesRejected(Exception):
    """Some inputs can't be had, decoded or used: by field, the error that says why."""

    def __init__(self, errors: dict[str, FetchError | EngineError]) -> None:
        super().__init__("; ".join(f"{field}: {error}" for field, error in errors.items()))
        self.errors = errors


Inputs = Mapping[str, ImageInput]


@contextmanager
def arriving(
    inputs: Inputs, limits: Limits, gates: Gates, cancellation: Cancellation = NEVER
) -> Iterator[dict[str, ReceivedImage]]:
    """Get the inputs, and hold a place for them for as long as the block runs."""
    with (
        gates.in_hand.admit(1, cancellation),
        gates.downloads.admit(1, cancellation) if downloads_any(inputs) else nullcontext(),
        receiving(inputs, limits.fetch, cancellation, choose_max_bytes(gates.in_hand)) as files,
        gates.comparisons.admit(
            count_places(list_sizes(files.values()), limits.fetch), cancellation
        ),
    ):
        yield read_images(inputs, files, limits, cancellation)


@contextmanager
def comparing(
    inputs: Inputs,
    images: Mapping[str, ReceivedImage],
    options: Options,
    limits: Limits,
    gates: Gates,
    cancellation: Cancellation = NEVER,
    *,
    is_known_pair: bool = False,
) -> Iterator[Result]:
    """Compare the images, and hold a place for their pixels for as long as the block runs.

    Of a known pair, only the mask can be rendered: it need not be decoded.
    """
    with gates.pixels.admit(count_pixels(images.values(), limits.engine), cancellation):
        if is_known_pair:
            image = images["image1"]
            stand_in = make_stand_in(
                image.width,
                image.height,
                options.color_profiles,
                frames=image.frames,
                is_tone_mapped=image.is_tone_mapped,
            )
            pictures = dict.fromkeys(images, stand_in)
        else:
            places = count_places((len(image.content) for image in images.values()), limits.fetch)
            is_alone = gates.comparisons.weight_in_hand == places
            pictures = decode_images(
                inputs, images, options, limits, cancellation, is_alone=is_alone
            )
        cancellation.check()
        with watching(limits.work_timeout_seconds):
            yield compare_pictures(inputs, pictures, options, limits)


@contextmanager
def receiving(
    inputs: Inputs, policy: fetch.Policy, cancellation: Cancellation, max_bytes_in_memory: int
) -> Iterator[dict[str, Future[ImageFile]]]:
    """Get the images, and keep what has arrived for the block, on the disk if it is large.

    Those that the client has sent come first: of one that is refused, it hears before any download.

    :raises ImagesRejected: one that was sent is refused, or no download has arrived.
    """
    with ExitStack() as stack:
        work = {
            name: partial(
                image.receive,
                stack.enter_context(Spool(max_bytes_in_memory)),
                policy,
                cancellation,
            )
            for name, image in inputs.items()
        }
        sent = run_in_turn({name: work.pop(name) for name in inputs if inputs[name].is_at_hand})
        collect_results(inputs, sent)
        downloads = run_side_by_side(work) if work else {}
        if not sent and all(file.exception() for file in downloads.values()):
            collect_results(inputs, downloads)
        files = sent | downloads
        yield {name: files[name] for name in inputs}


def downloads_any(inputs: Inputs) -> bool:
    return not all(image.is_at_hand for image in inputs.values())


def choose_max_bytes(in_hand: Gate) -> int:
    """Tell how much of an image may wait in memory."""
    return MAX_BYTES_OF_FEW if in_hand.weight_in_hand <= FEW else MAX_BYTES_IN_MEMORY


def list_sizes(files: Iterable[Future[ImageFile]]) -> Iterator[int]:
    """List the bytes of all that has arrived."""
    return (file.result().size_bytes for file in files if not file.exception())


def count_places(sizes: Iterable[int], policy: fetch.Policy) -> int:
    """Count the places in which there is room for so many bytes."""
    return max(1, ceil(sum(sizes) / policy.max_bytes))


def read_images(
    inputs: Inputs,
    files: Mapping[str, Future[ImageFile]],
    limits: Limits,
    cancellation: Cancellation,
) -> dict[str, ReceivedImage]:
    """Read the images, and what they say of themselves.

    :raises ImagesRejected: some have not arrived, or are no images.
    """

    def read(future: Future[ImageFile]) -> ReceivedImage:
        file = future.result()
        content = file.read_content()
        cancellation.check()
        with watching(limits.work_timeout_seconds):
            header = read_header(content, limits.engine)
        return ReceivedImage(file.source, content, **vars(header))

    return collect_results(
        inputs, run_in_turn({name: partial(read, future) for name, future in files.items()})
    )


def count_pixels(images: Collection[ReceivedImage], limits: engine.Limits) -> int:
    """Count the pixels of as many canvases, each of which holds all the images."""
    canvas_pixels = max(image.width for image in images) * max(image.height for image in images)
    return len(images) * min(canvas_pixels, limits.max_pixels)


def decode_images(
    inputs: Inputs,
    images: Mapping[str, ReceivedImage],
    options: Options,
    limits: Limits,
    cancellation: Cancellation,
    *,
    is_alone: bool,
) -> dict[str, Picture]:
    """Decode each content once; side by side if they are small, for memory's sake.

    With ``is_alone``, there may be another core for it: with others at work, it would only cost.

    :raises ImagesRejected: it went wrong with some.
    """
    contents = {image.sha256: image.content for image in images.values()}
    is_small = count_pixels(images.values(), limits.engine) <= MAX_PIXELS_SIDE_BY_SIDE
    work: dict[str, Callable[[], Picture]] = {
        sha256: partial(
            decode_picture,
            content,
            options.background,
            limits.engine,
            limits.work_timeout_seconds,
            cancellation,
            options.color_profiles,
        )
        for sha256, content in contents.items()
    }
    if is_alone:
        work |= begin_beside(contents, options, limits.engine, cancellation)
    if not is_small:
        DECODER_POOL.make_room()
    # What mostly decodes PNGs holds the interpreter lock: threads take turns at it as well.
    is_png = all(image.media_type == "image/png" for image in images.values())
    run = run_side_by_side if is_alone and is_small and not is_png else run_in_turn
    decoding = run(work)
    return collect_results(inputs, {name: decoding[image.sha256] for name, image in images.items()})


def begin_beside(
    contents: Mapping[str, bytes],
    options: Options,
    limits: engine.Limits,
    cancellation: Cancellation,
) -> dict[str, Callable[[], Picture]]:
    """Begin to decode the last of several large PNGs in another process; return how to get it."""
    large = [sha256 for sha256, content in contents.items() if gains_from_process(content)]
    if len(large) < 2:
        return {}
    finish = DECODER_POOL.begin(
        contents[large[-1]], options.background, limits, cancellation.check, options.color_profiles
    )
    return {large[-1]: finish} if finish else {}


def run_side_by_side(work: Mapping[str, Callable[[], T]]) -> dict[str, Future[T]]:
    """Do all of it, each in a thread but the last, which this one does."""
    *others, last = work
    futures = {name: THREADS.submit(work[name]) for name in others}
    futures[last] = run_now(work[last])
    wait(futures.values())
    return futures


def run_in_turn(work: Mapping[str, Callable[[], T]]) -> dict[str, Future[T]]:
    return {name: run_now(do) for name, do in work.items()}


def run_now(work: Callable[[], T]) -> Future[T]:
    """Do it in this thread, as an executor does it in another."""
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
    return future


def collect_results(inputs: Inputs, futures: Mapping[str, Future[T]]) -> dict[str, T]:
    """Get the results of work that is done, by input.

    :raises ImagesRejected: it went wrong with some.
    """
    errors = {
        inputs[name].field: error
        for name, future in futures.items()
        if isinstance(error := future.exception(), FetchError | EngineError)
    }
    if errors:
        raise ImagesRejected(errors) from next(iter(errors.values()))
    return {name: future.result() for name, future in futures.items()}


def compare_pictures(
    inputs: Mapping[str, ImageInput],
    pictures: MutableMapping[str, Picture],
    options: Options,
    limits: Limits,
) -> Result:
    """Compare the pictures, and let go of those that are on no canvas."""
    try:
        return compare(
            pictures.pop("image1"),
            pictures.pop("image2"),
            options,
            limits.engine,
            ignore_mask=pictures.pop("mask_image", None),
        )
    except IgnoreMaskSizeDiffers as error:
        raise ImagesRejected({inputs["mask_image"].field: error}) from error
