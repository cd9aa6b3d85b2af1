"""The gRPC service and its clients.

`questions` lists all calls of the service; both clients and the server are built from it. `messages` converts arguments
and results to messages and back, `answers` results to responses, `faults` errors to statuses. With `remote` the command
line sends its requests to a server; the commands themselves need no code for that.
"""

from archcalc.base.extras import installed, missing

for _module in ("grpc", "google.protobuf", "grpc_health", "grpc_reflection"):
    if not installed(_module):
        raise missing(_module, "the gRPC service")
