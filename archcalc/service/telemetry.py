"""OpenTelemetry of the server: a span and a duration for every call of both fronts, a span for what a call computes.

It needs `pip install 'archcalc[otel]'` and is off until `start`. Where it goes is said by the variables that
OpenTelemetry names (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/):
OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL (grpc, or http/protobuf), OTEL_TRACES_EXPORTER and
OTEL_METRICS_EXPORTER (otlp, console, or none), OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.

Calls are traced by the interceptor of `opentelemetry-instrumentation-grpc` and the middleware of
`opentelemetry-instrumentation-asgi`: a trace that a client has begun goes on here. Health checks and reflection have no
spans. Spans carry the id of the request as `archcalc.request_id`. No span has the value of a header that may be a
secret.

Clients are traced by the same package, without any code of archcalc: before a client is made,
`opentelemetry.instrumentation.grpc.GrpcInstrumentorClient().instrument()`, for the asynchronous client
`GrpcAioInstrumentorClient().instrument()`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib import import_module
from typing import Any, NamedTuple

import grpc

from archcalc import __version__
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import shown

REQUEST_ID = "archcalc.request_id"
"""The attribute of spans with the id of the request."""

HEADER = "x-request-id"
"""The header, or key of metadata, in which a client may give an id."""

SECRET = (".*auth.*", ".*cookie.*", ".*token.*", ".*secret.*", ".*key.*")
"""Headers, as regular expressions, whose values are never recorded, whatever headers are asked for."""

_HIDDEN = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS"

UNTRACED = ("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
"""Services whose calls are no work of a client's: probes every few seconds would drown the others."""

PROTOCOLS = ("grpc", "http/protobuf")
"""Protocols of the exporters of the extra."""

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600)


_aio: Any = import_module("grpc.aio")
_module: Callable[[str], Any] = import_module  # modules of the extra, which only run where `start` has found them


class _State(NamedTuple):
    """The parts of OpenTelemetry that are used while it is on."""

    tracer: Any
    seconds: Any
    """The histogram `rpc.server.call.duration`."""


class _Switch:
    """Whether OpenTelemetry is on in this process."""

    state: _State | None = None


_switch = _Switch()
_request_id: ContextVar[str] = ContextVar("archcalc_request_id", default="")


class Telemetry(NamedTuple):
    """OpenTelemetry that is on, until `stop`."""

    interceptors: tuple[Any, ...]
    """Interceptors for `grpc.aio.server`, to stand before all others."""
    tracer_provider: Any
    meter_provider: Any

    def wrap(self, app: Any) -> Any:
        """An ASGI app whose requests are traced and measured; its lifespan is that of `app`."""
        hidden = [each.strip() for each in os.environ.get(_HIDDEN, "").split(",")]
        middleware = need("opentelemetry.instrumentation.asgi", "--telemetry").OpenTelemetryMiddleware
        return middleware(
            app,
            server_request_hook=_complete,
            tracer_provider=self.tracer_provider,
            meter_provider=self.meter_provider,
            exclude_spans=["receive", "send"],  # a span for every part of a body says nothing
            http_capture_headers_sanitize_fields=[*SECRET, *filter(None, hidden)],
        )

    def stop(self, seconds: float = 5.0) -> None:
        """Turn it off, and send what has not been sent, if that takes no longer than so many seconds."""
        _switch.state = None
        ending: list[threading.Thread] = []
        for provider in (self.tracer_provider, self.meter_provider):  # each may wait for a collector that is away
            ending.append(threading.Thread(target=provider.shutdown, daemon=True))
            ending[-1].start()
        until = time.monotonic() + seconds
        for thread in ending:
            thread.join(max(0.0, until - time.monotonic()))


def start(
    service_name: str = "archcalc", *, span_processor: Any = None, metric_reader: Any = None, instance: str = ""
) -> Telemetry:
    """Turn OpenTelemetry on in this process, as the OTEL_* variables say.

    `service_name` and `instance` are attributes of everything that is sent, unless OTEL_SERVICE_NAME or
    OTEL_RESOURCE_ATTRIBUTES name others. A span processor or a metric reader that is given takes the place of the one
    that the variables name. Raises MissingTool without the extra, and ArchcalcError for an exporter or a protocol that
    is not known.
    """
    need("opentelemetry.sdk", "--telemetry")
    sdk = _module("opentelemetry.sdk.trace")
    metrics, views = _module("opentelemetry.sdk.metrics"), _module("opentelemetry.sdk.metrics.view")
    told = _told()
    own = {"service.name": service_name, "service.version": __version__, "service.instance.id": instance}
    resource = _module("opentelemetry.sdk.resources").Resource.create(
        {key: value for key, value in own.items() if value and key not in told}
    )
    span_processor = span_processor or _span_processor()
    metric_reader = metric_reader or _metric_reader()
    tracers = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
    if span_processor is not None:
        tracers.add_span_processor(span_processor)
    meters = metrics.MeterProvider(
        [] if metric_reader is None else [metric_reader],
        resource,
        views=[
            views.View(
                instrument_name="rpc.server.call.duration",
                aggregation=views.ExplicitBucketHistogramAggregation(_SECONDS),
            )
        ],
        shutdown_on_exit=False,
    )
    _switch.state = _State(
        tracers.get_tracer("archcalc", __version__),
        meters.get_meter("archcalc", __version__).create_histogram(
            "rpc.server.call.duration", "s", "Time from the request to the end of the response."
        ),
    )
    return Telemetry((*_grpc_interceptors(tracers), Calls()), tracers, meters)


@contextmanager
def _traced(state: _State, name: str, attributes: Mapping[str, Any]) -> Generator[None]:
    given = {f"archcalc.{key}": value for key, value in attributes.items()}
    if request_id := _request_id.get():
        given[REQUEST_ID] = request_id
    with state.tracer.start_as_current_span(name, attributes=given):
        yield


def span(name: str, /, **attributes: Any) -> AbstractContextManager[None]:
    """A span within the one of the call, for a `with` statement; nothing while OpenTelemetry is off.

    Attributes get the prefix `archcalc.`: `span("compute", lane="heavy")` has `archcalc.lane`. Do not let a generator
    yield within it: a span belongs to the context in which it began.

    >>> with span("compute", lane="heavy"):
    ...     2 + 2
    4
    """
    state = _switch.state
    return nullcontext() if state is None else _traced(state, name, attributes)


def identify(request_id: str) -> None:
    """Give the span of this call, and those within it, the id of its request; nothing while OpenTelemetry is off."""
    if _switch.state is None:
        return
    _request_id.set(request_id)
    _module("opentelemetry.trace").get_current_span().set_attribute(REQUEST_ID, request_id)


class Calls(_aio.ServerInterceptor):
    """Measures calls, gives their spans the id that the client gave, and the status of calls that were cancelled.

    It stands behind the interceptor of OpenTelemetry, which takes a cancelled call for one that is OK. Both serve
    handlers that are coroutines, or asynchronous generators for streams.
    """

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        handler: Any = await continuation(handler_call_details)
        service, _, method = handler_call_details.method.strip("/").rpartition("/")
        if handler is None or service in UNTRACED:
            return handler
        name = f"{service}/{method}"
        parts = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        sent = "stream" if handler.request_streaming else "unary"
        received = "stream" if handler.response_streaming else "unary"
        answer = getattr(handler, f"{sent}_{received}")
        make = getattr(grpc, f"{sent}_{received}_rpc_method_handler")
        if not handler.response_streaming:

            async def one(request: Any, context: Any) -> Any:
                began = _begin(context)
                try:
                    response = await answer(request, context)
                except BaseException as error:
                    _end(name, context, began, error)
                    raise
                _end(name, context, began, None)
                return response

            return make(one, **parts)

        async def many(request: Any, context: Any) -> Any:
            began = _begin(context)
            current: Any = _module("opentelemetry.trace").get_current_span()

            def ended(_: Any) -> None:  # a cancelled call leaves these functions in a `yield`: the span would be OK
                if not complete and current.is_recording():
                    current.set_attribute("rpc.grpc.status_code", grpc.StatusCode.CANCELLED.value[0])

            complete = False
            context.add_done_callback(ended)
            try:
                async for response in answer(request, context):
                    yield response
            except BaseException as error:
                complete = not isinstance(error, GeneratorExit)
                _end(name, context, began, error)
                raise
            complete = True
            _end(name, context, began, None)

        return make(many, **parts)


def _begin(context: Any) -> float:
    for key, value in context.invocation_metadata() or ():
        if key == HEADER and isinstance(value, str):
            identify(value[:128])
    return time.perf_counter()


def _end(name: str, context: Any, began: float, error: BaseException | None) -> None:
    code = grpc.StatusCode.OK if error is None else grpc.StatusCode.UNKNOWN
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        code = grpc.StatusCode.CANCELLED
        _module("opentelemetry.trace").get_current_span().set_attribute("rpc.grpc.status_code", code.value[0])
    else:
        given: Any = context.code()  # a number or a StatusCode; OK where a handler has failed without a code
        found = _CODES.get(getattr(given, "value", (given,))[0], code)
        code = code if found == grpc.StatusCode.OK else found
    if (state := _switch.state) is not None:
        state.seconds.record(
            time.perf_counter() - began,
            {"rpc.system.name": "grpc", "rpc.method": name, "rpc.response.status_code": code.name},
        )


def _complete(current: Any, scope: Mapping[str, Any]) -> None:
    """Give the span of an HTTP request the id in its header, and take the query from it: that is a caller's message."""
    for key, value in scope.get("headers", ()):
        if key.lower() == HEADER.encode():
            identify(value.decode("latin-1")[:128])
    if current.is_recording():
        for key in ("http.url", "url.full", "url.query"):
            if key in current.attributes:
                current.set_attribute(key, "" if key == "url.query" else current.attributes[key].partition("?")[0])


def _grpc_interceptors(tracers: Any) -> tuple[Any, ...]:
    library = need("opentelemetry.instrumentation.grpc", "--telemetry")
    filters = _module("opentelemetry.instrumentation.grpc.filters")
    untraced = filters.any_of(*map(filters.service_name, UNTRACED))
    return (library.aio_server_interceptor(tracers, filters.negate(untraced)),)


# --- What the variables say.


def _told() -> set[str]:
    """The names of the attributes of the resource that the variables give."""
    pairs = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    named = {pair.partition("=")[0].strip() for pair in pairs}
    return named | {"service.name"} if os.environ.get("OTEL_SERVICE_NAME") else named


def _chosen(variable: str, usual: str, known: tuple[str, ...]) -> str:
    value = (os.environ.get(variable) or usual).strip().lower()
    if value not in known:
        raise ArchcalcError(f"{variable} is one of {', '.join(known)}, not {shown(value)}")
    return value


def _exporter(signal: str, console: Any) -> Any:
    """The exporter of a signal, TRACES or METRICS, as the variables name it; None if nothing is to be sent."""
    exporter = _chosen(f"OTEL_{signal}_EXPORTER", "otlp", ("otlp", "console", "none"))
    usual = _chosen("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", PROTOCOLS)
    protocol = _chosen(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", usual, PROTOCOLS)
    if exporter != "otlp":
        return console(out=sys.stdout) if exporter == "console" else None
    package = f"opentelemetry.exporter.otlp.proto.{protocol.partition('/')[0]}"
    need(package, "--telemetry")
    if signal == "TRACES":
        return _module(f"{package}.trace_exporter").OTLPSpanExporter()
    return _module(f"{package}.metric_exporter").OTLPMetricExporter()


def _span_processor() -> Any:
    export = _module("opentelemetry.sdk.trace.export")
    exporter = _exporter("TRACES", export.ConsoleSpanExporter)
    return None if exporter is None else export.BatchSpanProcessor(exporter)


def _metric_reader() -> Any:
    export = _module("opentelemetry.sdk.metrics.export")
    exporter = _exporter("METRICS", export.ConsoleMetricExporter)
    return None if exporter is None else export.PeriodicExportingMetricReader(exporter)
