"""The manifests of Kubernetes: valid, and in accord with each other and with the server."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from deploying import DEPLOY, unknown_options

FOLDER = DEPLOY / "kubernetes"
OLDEST = "1.30"
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def manifests() -> dict[tuple[str, str], Any]:
    """The objects by kind and name."""
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert sorted(listed) == sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
    found: dict[tuple[str, str], Any] = {}
    for name in listed:
        for each in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")):
            assert (each["kind"], each["metadata"]["name"]) not in found
            found[each["kind"], each["metadata"]["name"]] = each
    return found


OBJECTS = manifests()
POD = OBJECTS["Deployment", "archcalc"]["spec"]["template"]
[SERVER] = POD["spec"]["containers"]
ARGS = {each.partition("=")[0]: each.partition("=")[2] for each in SERVER["args"]}


@pytest.mark.parametrize("name", OBJECTS, ids="-".join)
def test_each_is_valid_and_has_no_unknown_field(name: tuple[str, str]) -> None:
    validator = pytest.importorskip("kubernetes_validate")
    for version in (OLDEST, validator.latest_version()):
        validator.validate(OBJECTS[name], version, strict=True)


def test_a_field_that_is_misspelled_is_found() -> None:
    validator = pytest.importorskip("kubernetes_validate")
    spec = OBJECTS["PodDisruptionBudget", "archcalc"]
    with pytest.raises(validator.ValidationError):
        validator.validate({**spec, "spec": {**spec["spec"], "maxUnavailible": 1}}, OLDEST, strict=True)


def test_the_pod_has_no_rights_beyond_its_work() -> None:
    """The profile `restricted` of the pod security standards, and more: nothing can be written but /tmp, no token."""
    assert SERVER["securityContext"] == RESTRICTED
    context = POD["spec"]["securityContext"]
    assert context["runAsNonRoot"]
    assert context["runAsUser"] >= 1000
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["spec"]["automountServiceAccountToken"] is False
    assert OBJECTS["ServiceAccount", "archcalc"]["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & POD["spec"].keys()
    writable = [mount["mountPath"] for mount in SERVER["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/tmp"]  # noqa: S108
    assert {"memory", "ephemeral-storage"} <= SERVER["resources"]["limits"].keys()


def test_the_user_is_that_of_the_image() -> None:
    [user] = re.findall(r"^USER (\d+):(\d+)$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert user == (str(POD["spec"]["securityContext"]["runAsUser"]), str(POD["spec"]["securityContext"]["runAsGroup"]))


def test_the_server_knows_its_options() -> None:
    assert unknown_options(" ".join(ARGS)) == set()
    assert unknown_options("--no-such-option --listen") == {"--no-such-option"}


def test_the_pod_is_given_the_time_that_the_server_takes_to_end() -> None:
    taken = int(ARGS["--drain"]) + int(ARGS["--grace"])
    assert taken + 10 <= POD["spec"]["terminationGracePeriodSeconds"]
    ready = SERVER["readinessProbe"]
    noticed = ready["periodSeconds"] * ready["failureThreshold"]
    assert noticed <= int(ARGS["--drain"]), "calls are taken until nobody sends any more"


def test_memory_is_enough_for_the_workers_that_may_take_it() -> None:
    [limit] = re.fullmatch(r"(\d+)Gi", SERVER["resources"]["limits"]["memory"]).groups()
    assert int(limit) * 1024 >= (int(ARGS["--workers"]) + 2) * int(ARGS["--worker-memory"])


def test_the_probes_ask_what_the_server_listens_on() -> None:
    settings = OBJECTS["ConfigMap", "archcalc"]["data"]
    ports = {each["name"]: each["containerPort"] for each in SERVER["ports"]}
    assert SERVER["envFrom"] == [{"configMapRef": {"name": "archcalc"}}]
    assert settings["ARCHCALC_HEALTH_TARGET"] == f"127.0.0.1:{ports['grpc']}"
    assert ARGS["--listen"] == f"0.0.0.0:{ports['grpc']}"
    assert ARGS["--metrics"] == f"0.0.0.0:{ports['metrics']}"
    assert POD["metadata"]["annotations"]["prometheus.io/port"] == str(ports["metrics"])
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert SERVER[probe]["exec"]["command"] == ["python", "-m", "archcalc.service.health"]
        assert SERVER[probe]["timeoutSeconds"] >= 5  # the check itself gives up after 4
    mounts = tuple(each["mountPath"] for each in SERVER["volumeMounts"])
    files = [settings["ARCHCALC_HEALTH_CA"], ARGS["--cert"], ARGS["--key"], ARGS["--token-file"]]
    assert all(file.startswith(mounts) for file in files)


def test_what_is_named_exists() -> None:
    labels = POD["metadata"]["labels"]
    selectors = [
        OBJECTS["Deployment", "archcalc"]["spec"]["selector"]["matchLabels"],
        OBJECTS["PodDisruptionBudget", "archcalc"]["spec"]["selector"]["matchLabels"],
        OBJECTS["NetworkPolicy", "archcalc"]["spec"]["podSelector"]["matchLabels"],
        *[OBJECTS["Service", name]["spec"]["selector"] for name in ("archcalc", "archcalc-pods")],
        *[each["labelSelector"]["matchLabels"] for each in POD["spec"]["topologySpreadConstraints"]],
    ]
    assert all(selector == labels for selector in selectors)
    ports = {each["name"] for each in SERVER["ports"]}
    assert {
        each["targetPort"]
        for kind, name in OBJECTS
        if kind == "Service"
        for each in OBJECTS[kind, name]["spec"]["ports"]
    } <= ports
    policy = OBJECTS["NetworkPolicy", "archcalc"]["spec"]
    assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} == ports
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 4317, 4318}
    assert all(rule["to"] for rule in policy["egress"])
    target = OBJECTS["HorizontalPodAutoscaler", "archcalc"]["spec"]["scaleTargetRef"]
    assert OBJECTS[target["kind"], target["name"]]["apiVersion"] == target["apiVersion"]
    assert {each["name"] for each in SERVER["volumeMounts"]} == {each["name"] for each in POD["spec"]["volumes"]}
    assert POD["spec"]["serviceAccountName"] == "archcalc"
    assert OBJECTS["Service", "archcalc-pods"]["spec"]["clusterIP"] == "None"


def test_the_autoscaler_and_the_adapter_speak_of_one_metric() -> None:
    [metric] = OBJECTS["HorizontalPodAutoscaler", "archcalc"]["spec"]["metrics"]
    adapter = yaml.safe_load((DEPLOY / "prometheus" / "adapter.yml").read_text(encoding="utf-8"))
    [rule] = adapter["rules"]["custom"]
    assert metric["pods"]["metric"]["name"] == rule["name"]["as"] == rule["seriesQuery"].partition("{")[0]
    assert 0 < int(metric["pods"]["target"]["averageValue"].removesuffix("m")) < 1000, "below full"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_puts_them_together() -> None:
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert {(each["kind"], each["metadata"]["name"]) for each in built} == set(OBJECTS)
    assert {each["metadata"].get("namespace", each["metadata"]["name"]) for each in built} == {"archcalc"}
    validator = pytest.importorskip("kubernetes_validate")
    for each in built:
        validator.validate(each, OLDEST, strict=True)
