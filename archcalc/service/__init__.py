"""The gRPC service and its client.

A call answers a question of the door (`calls`); requests, results and errors become messages and back by one rule each
(`requests`, `convert`, `faults`). The client is a `questions.Respondent`: whatever asks the door, the command line
among it, can be answered by a server, and needs no word about it.
"""

from archcalc.base.extras import installed, missing

for _module in ("grpc", "google.protobuf", "grpc_health", "grpc_reflection"):
    if not installed(_module):
        raise missing(_module, "the gRPC service")
