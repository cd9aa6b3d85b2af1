"""The names that files under `deploy/` rely on: options of the server, and its metrics."""

from __future__ import annotations

import re
from pathlib import Path

from archcalc.cli.serving import serve_command

DEPLOY = Path(__file__).parents[1] / "deploy"

HISTOGRAMS = {"grpc_server_handling_seconds", "archcalc_lane_wait_seconds"}
METRICS = {
    "grpc_server_started_total",
    "grpc_server_handled_total",
    "archcalc_requests_in_progress",
    "archcalc_refused_requests_total",
    "archcalc_cache_hits_total",
    "archcalc_cache_misses_total",
    "archcalc_cache_bytes",
    "archcalc_shared_answers_total",
    "archcalc_lane_processes",
    "archcalc_lane_busy_processes",
    "archcalc_lane_waiting_requests",
    "archcalc_worker_starts_total",
    "archcalc_worker_deaths_total",
    "archcalc_tls_handshake_failures_total",
    "archcalc_certificate_expiry_timestamp_seconds",
    "archcalc_load",
    "archcalc_build_info",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
} | {f"{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
"""Every series that the server has, those of Python's Prometheus client among them."""

LABELS = {
    "grpc_server_started_total": {"grpc_service", "grpc_method", "grpc_type"},
    "grpc_server_handled_total": {"grpc_service", "grpc_method", "grpc_type", "grpc_code"},
    "grpc_server_handling_seconds_bucket": {"grpc_service", "grpc_method", "grpc_type", "le"},
    "archcalc_refused_requests_total": {"reason"},
    "archcalc_lane_processes": {"lane"},
    "archcalc_lane_busy_processes": {"lane"},
    "archcalc_lane_waiting_requests": {"lane"},
    "archcalc_lane_wait_seconds_bucket": {"lane", "le"},
    "archcalc_worker_starts_total": {"lane"},
    "archcalc_worker_deaths_total": {"lane", "reason"},
    "archcalc_build_info": {"version"},
}
"""The labels of series that have any; Prometheus adds `job` and `instance`."""

REASONS = {
    "archcalc_refused_requests_total": {
        "no_token",
        "too_costly",
        "queue_full",
        "client_budget",
        "not_received",
        "slow_reader",
        "shutting_down",
        "concurrency",
        "too_large",
        "streams",
    },
    "archcalc_worker_deaths_total": {"crashed", "time", "cancelled", "retired"},
}
LANES = {"quick", "heavy", "long"}


def unknown_options(text: str) -> set[str]:
    """The options in a text that `archcalc serve` does not know."""
    known = {option for parameter in serve_command.params for option in parameter.opts}
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - known
