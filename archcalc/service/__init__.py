"""The gRPC service and its clients.

`questions` lists every question that a server answers; from it the calls, both clients and the server are made.
`messages` says how arguments and results travel, `answers` how results fill responses, `faults` how errors do. What the
command line asks can be answered by a server (`remote`), and the commands have no word about it.
"""

from archcalc.base.extras import installed, missing

for _module in ("grpc", "google.protobuf", "grpc_health", "grpc_reflection"):
    if not installed(_module):
        raise missing(_module, "the gRPC service")
