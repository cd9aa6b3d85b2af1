#!/bin/sh
# The service over HTTP with curl. `archcalc serve --http 127.0.0.1:8080`, then `sh curl.sh [URL] [TOKEN]`.
set -eu
url=${1:-http://127.0.0.1:8080}/archcalc.v1.ArchcalcService
token=${2:-}

ask() { # the name of a call, and its request in JSON
    curl --silent --show-error --fail-with-body --max-time 60 --retry 4 \
        ${token:+--header "authorization: Bearer $token"} --data "$2" "$url/$1"
    echo
}

ask Describe '{"name": "unet"}'
ask Analyze '{"network": {"name": "resnet50", "batch": 8, "hyperparameters": {"classes": {"whole": 10}}}}'
# By GET, which browsers and proxies may keep:
curl --silent --show-error --fail-with-body --get ${token:+--header "authorization: Bearer $token"} \
    --data encoding=json --data-urlencode 'message={"network": {"name": "vgg16"}}' "$url/Analyze"
echo
