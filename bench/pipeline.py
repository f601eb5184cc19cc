"""Latency and throughput of whole renders through four processes on this machine.

Prints time to the first playable segment (warm, portrait cached) for 20 and 600 words with the waterfall of the median
run, throughput of one render with the stage that limits it, and two and four renders at once.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench import report, servers
from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import video_pb2
from tests.e2e.stack import Stack

Stub = render_service_pb2_grpc.RenderServiceStub
EVENTS = ("first_audio", "first_frame", "first_segment")


def first_segment_ms(renders: Stub, request: render_service_pb2.RenderVideoRequest) -> tuple[float, str]:
    """Return the time until the first media segment has arrived whole, and the render's name; then cancel."""
    started = time.perf_counter()
    call = renders.RenderVideo(request)
    name = ""
    for response in call:
        if response.WhichOneof("event") == "accepted":
            name = response.accepted.render
        segment = response.segment
        if segment.kind == video_pb2.SEGMENT_KIND_MEDIA and segment.part == segment.part_count - 1:
            break
    elapsed = (time.perf_counter() - started) * 1e3
    call.cancel()
    return elapsed, name


def latency(renders: Stub, portrait_id: str, runs: int) -> dict[str, Any]:
    """Measure time to first segment, short and long scripts in turn."""
    requests = {words: servers.request(words, portrait_id) for words in (20, 600)}
    samples: dict[int, list[tuple[float, str]]] = {words: [] for words in requests}
    for turn in range(runs + 2):
        for words, request in requests.items():
            sample = first_segment_ms(renders, request)
            time.sleep(0.6)  # let the cancelled render end, so that runs do not disturb each other
            if turn >= 2:
                samples[words].append(sample)
    result: dict[str, Any] = {}
    for words, measured in samples.items():
        ordered = sorted(measured)
        median_ms, name = ordered[len(ordered) // 2]
        result[str(words)] = {
            "median_ms": median_ms,
            "p95_ms": ordered[int(len(ordered) * 0.95)][0],
            "waterfall_ms": waterfall(renders, name) | {"received by the client": median_ms},
        }
    result["ratio_600_to_20"] = result["600"]["median_ms"] / result["20"]["median_ms"]
    return result


def waterfall(renders: Stub, name: str) -> dict[str, float]:
    """Return the instants that the trace of a render recorded, in milliseconds from the request."""
    time.sleep(0.5)  # spans leave in batches
    trace = renders.GetTrace(render_service_pb2.GetTraceRequest(name=name)).trace
    spans = {span.name: span for span in trace.spans}
    root = spans["render"].start_time.ToNanoseconds()
    instants = {
        f"{span.name} begins": (span.start_time.ToNanoseconds() - root) / 1e6
        for span in trace.spans
        if span.name != "render"
    }
    for event in spans["render"].events:
        if event.name in EVENTS:
            instants[event.name] = (event.time.ToNanoseconds() - root) / 1e6
    return dict(sorted(instants.items(), key=lambda item: item[1]))


def whole_render(renders: Stub, request: render_service_pb2.RenderVideoRequest) -> tuple[render_pb2.Receipt, float]:
    """Render to the end; return the receipt and the seconds it took."""
    started = time.perf_counter()
    receipt = [response.receipt for response in renders.RenderVideo(request)][-1]
    return receipt, time.perf_counter() - started


def throughput(stack: Stack, renders: Stub, portrait_id: str, runs: int) -> dict[str, Any]:
    """Measure whole renders, one after another."""
    rows = []
    for _ in range(runs):
        before = servers.cpu_seconds(stack)
        receipt, elapsed = whole_render(renders, servers.request(100, portrait_id))
        video_s = receipt.video_duration.ToMilliseconds() / 1e3
        after = servers.cpu_seconds(stack)
        rows.append(
            {
                "rtf": elapsed / video_s,
                "video_s": video_s,
                "busy_rtf": {stage.stage: stage.real_time_factor for stage in receipt.stages},
                "cpu_ms_per_frame": {name: (after[name] - before[name]) * 1e3 / receipt.frame_count for name in after},
            }
        )
    median = sorted(rows, key=lambda row: row["rtf"])[len(rows) // 2]  # type: ignore[arg-type,return-value]
    cpu: dict[str, float] = median["cpu_ms_per_frame"]  # type: ignore[assignment]
    return median | {"times_real_time": 1 / median["rtf"], "limit": max(cpu, key=lambda name: cpu[name])}  # type: ignore[operator]


def concurrency(renders: Stub, portrait_id: str) -> list[dict[str, float]]:
    """Measure 1, 2 and 4 renders at once."""
    request = servers.request(60, portrait_id)
    rows = []
    for count in (1, 2, 4):
        started = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            done = list(pool.map(lambda _: whole_render(renders, request), range(count)))
        wall = time.perf_counter() - started
        seconds = [elapsed for _, elapsed in done]
        video_s = sum(receipt.video_duration.ToMilliseconds() / 1e3 for receipt, _ in done)
        rows.append(
            {
                "renders": count,
                "slowest_s": max(seconds),
                "slowest_to_fastest": max(seconds) / min(seconds),
                "total_times_real_time": video_s / wall,
            }
        )
    return rows


def show(result: dict[str, Any]) -> None:
    """Print the tables."""
    first = result["first_segment"]
    report.table(
        "Time to first playable segment, warm, portrait cached",
        ("words", "median ms", "p95 ms"),
        [(words, first[words]["median_ms"], first[words]["p95_ms"]) for words in ("20", "600")],
    )
    print(f"  600 words / 20 words: {first['ratio_600_to_20']:.2f}")
    report.table("Waterfall of the median 20-word run", ("instant", "ms"), list(first["20"]["waterfall_ms"].items()))
    one = result["throughput"]
    report.table(
        f"Throughput at 512x512, 25 fps: {one['times_real_time']:.2f}x real time (RTF {one['rtf']:.3f})",
        ("service", "CPU ms per frame", "busy s per s of video"),
        [(name, cpu, one["busy_rtf"].get(name, "")) for name, cpu in one["cpu_ms_per_frame"].items()],
    )
    print(f"  limited by: {one['limit']}")
    report.table(
        "Renders at once",
        ("renders", "slowest s", "slowest / fastest", "total x real time"),
        [tuple(row.values()) for row in result["concurrency"]],
    )


def main() -> None:
    """Run all and print."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--runs", type=int, default=15, help="latency samples for each script (default 15)")
    options = arguments.parse_args()
    with servers.running() as (stack, renders, portrait_id):
        whole_render(renders, servers.request(20, portrait_id))
        result = {
            "first_segment": latency(renders, portrait_id, options.runs),
            "throughput": throughput(stack, renders, portrait_id, 3),
            "concurrency": concurrency(renders, portrait_id),
        }
    report.emit_json(result) if options.json else show(result)


if __name__ == "__main__":
    main()
