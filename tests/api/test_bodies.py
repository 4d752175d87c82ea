"""How long bodies may take, and who gives way where there are too many; the rest is tested on the real server."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from comparisons.api.bodies import Body, BodyBrokenOff, BodyLimits, BodyTimedOut, BytesInHand
from comparisons.gate import ServerBusy

LIMITS = BodyLimits(
    max_bytes=1_000_000,
    max_bytes_in_hand=100_000,
    timeout_seconds=100,
    patience_seconds=20,
    min_bytes_per_second=1000,
    small_bytes=1000,
    max_small_bytes_in_hand=5000,
)


@pytest.mark.parametrize(
    ("received_bytes", "seconds_left"),
    [
        pytest.param(0, 15, id="nothing"),
        pytest.param(10, 15.01, id="a drip"),
        pytest.param(4000, 19, id="a slow line"),
        pytest.param(5000, 20, id="as much as buys all the patience"),
        pytest.param(900_000, 20, id="more buys no more"),
    ],
)
def test_what_has_come_buys_time_but_no_silence_longer_than_the_patience(
    received_bytes: int, seconds_left: float
) -> None:
    # 5 of the 20 seconds have passed.
    deadline = LIMITS.extend_deadline(120, received_bytes, now=105)

    assert deadline - 105 == pytest.approx(seconds_left)


class Client:
    """Sends parts of a body when it is told to."""

    def __init__(self, in_hand: BytesInHand, limits: BodyLimits = LIMITS) -> None:
        self.body = Body(limits, in_hand)
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outcome: asyncio.Task[None]

    async def begin(self, announced: str = "") -> "Client":
        self.outcome = asyncio.ensure_future(
            self.body.receive(self._messages.get, announced=announced)
        )
        await settle()
        return self

    async def send(self, size: int, *, more: bool = True) -> None:
        self._messages.put_nowait({"type": "http.request", "body": bytes(size), "more_body": more})
        await settle()

    async def hang_up(self) -> None:
        self._messages.put_nowait({"type": "http.disconnect"})
        await settle()

    @property
    def error(self) -> type[BaseException] | None:
        """What came of a body that is done; None if it has been received."""
        error = self.outcome.exception()
        return type(error) if error else None


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def end(*clients: Client) -> None:
    for client in clients:
        client.outcome.cancel()
        client.body.release()
    await asyncio.gather(*(client.outcome for client in clients), return_exceptions=True)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def test_of_bodies_that_are_too_many_the_one_that_lets_most_bytes_lie_gives_way() -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        idle, small, busy = [await Client(in_hand).begin() for _ in range(3)]
        await idle.send(60_000)
        await small.send(2_000)
        await asyncio.sleep(0.01)
        await busy.send(30_000)

        await busy.send(30_000)

        assert idle.error is ServerBusy
        assert not small.outcome.done()
        assert not busy.outcome.done()
        await end(small, busy)

    run(scenario())


def test_a_body_whose_time_runs_out_as_it_gives_way_does_no_harm_to_others() -> None:
    async def scenario() -> None:
        limits = replace(LIMITS, patience_seconds=0.01)
        in_hand = BytesInHand(limits)
        idle = await Client(in_hand, limits).begin()
        await idle.send(60_000)
        busy = await Client(in_hand).begin()
        # The time of one runs out in the step of the event loop in which the other's bytes come.
        time.sleep(0.05)
        await busy.send(60_000)

        assert not busy.outcome.done()
        await settle()
        assert idle.error in {ServerBusy, BodyTimedOut}
        await end(busy)

    run(scenario())


def test_a_body_that_has_come_to_its_end_does_not_give_way() -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        complete, late = [await Client(in_hand).begin() for _ in range(2)]
        await complete.send(60_000, more=False)

        await late.send(60_000)

        assert (complete.error, late.error) == (None, ServerBusy)
        await end(complete, late)

    run(scenario())


@pytest.mark.parametrize("announced", ["", "1000"])
def test_large_bodies_take_no_room_from_small_ones(announced: str) -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        large = [await Client(in_hand).begin() for _ in range(2)]
        for client in large:
            await client.send(50_000, more=False)
        small = await Client(in_hand).begin(announced)

        await small.send(1000, more=False)

        assert [client.error for client in [*large, small]] == [None] * 3
        await end(*large, small)

    run(scenario())


@pytest.mark.parametrize("announced", ["", "1001"])
def test_small_bodies_take_no_room_from_large_ones(announced: str) -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        small = [await Client(in_hand).begin() for _ in range(5)]
        for client in small:
            await client.send(1000, more=False)
        large = await Client(in_hand).begin(announced)

        await large.send(1001, more=False)

        assert [client.error for client in [*small, large]] == [None] * 6
        await end(*small, large)

    run(scenario())


def test_a_body_that_grows_large_takes_its_bytes_along() -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        growing = await Client(in_hand).begin()
        await growing.send(900)
        await growing.send(900)
        small = [await Client(in_hand).begin() for _ in range(5)]

        for client in small:
            await client.send(1000, more=False)

        assert [client.error for client in small] == [None] * 5
        await end(growing, *small)

    run(scenario())


@pytest.mark.parametrize("how", ["release", "hang up", "give way"])
def test_there_is_room_again_once_a_body_is_gone(how: str) -> None:
    async def scenario() -> None:
        in_hand = BytesInHand(LIMITS)
        first, second = [await Client(in_hand).begin() for _ in range(2)]
        with first.body:
            await first.send(100_000, more=how != "release")
            if how == "release":
                first.body.release()
            elif how == "give way":
                await second.send(1)
                await second.send(2000)
            else:
                await first.hang_up()
        await second.send(97_000, more=False)

        assert second.error is None
        await end(second)

    run(scenario())


def test_a_body_that_falls_silent_is_given_up_however_fast_it_began() -> None:
    limits = BodyLimits(
        max_bytes=10**9, max_bytes_in_hand=10**9, timeout_seconds=1000, patience_seconds=0.05
    )

    async def scenario() -> None:
        client = await Client(BytesInHand(limits), limits).begin()
        await client.send(10_000_000)

        await asyncio.wait([client.outcome], timeout=10)

        assert client.error is BodyTimedOut

    run(scenario())


def test_a_body_that_goes_on_and_on_is_given_up() -> None:
    limits = BodyLimits(
        max_bytes=10**9, max_bytes_in_hand=10**9, timeout_seconds=0.05, patience_seconds=1000
    )

    async def scenario() -> None:
        client = await Client(BytesInHand(limits), limits).begin()
        while not client.outcome.done():
            await client.send(100)
            await asyncio.sleep(0.001)

        assert client.error is BodyTimedOut

    run(scenario())


def test_a_client_that_hangs_up_breaks_its_body_off() -> None:
    async def scenario() -> None:
        client = await Client(BytesInHand(LIMITS)).begin()
        await client.send(10)

        await client.hang_up()

        assert client.error is BodyBrokenOff

    run(scenario())


def test_a_length_beyond_all_bounds_is_not_read() -> None:
    async def scenario() -> None:
        client = await Client(BytesInHand(LIMITS)).begin(announced="9" * 5000)
        await client.send(10, more=False)

        assert client.error is None

    run(scenario())


def test_what_came_before_a_body_was_large_counts_as_well() -> None:
    async def scenario() -> None:
        growing = await Client(BytesInHand(LIMITS)).begin()
        await growing.send(900)

        await growing.send(99_500)

        assert growing.error is ServerBusy

    run(scenario())
