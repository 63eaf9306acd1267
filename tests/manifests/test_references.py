"""Everything that the manifests name is there, and each kind of mistake is noticed."""

from collections.abc import Callable
from typing import Any

import pytest

from manifests.checks import problems
from manifests.rendered import Rendered, pod_of

Keys = dict[str, frozenset[str]]


def container(rendered: Rendered, kind: str, name: str) -> Any:
    return pod_of(rendered.one(kind, name))["containers"][0]


def settings(rendered: Rendered) -> Any:
    maps = (config["data"] for config in rendered.kind("ConfigMap"))
    return next(data for data in maps if "SLIPWAY_REDIS_URL" in data)


def test_everything_that_the_manifests_name_is_there(rendered: Rendered, made_before: Keys) -> None:
    assert problems(rendered, made_before) == []


MISTAKES: dict[str, tuple[Callable[[Rendered], object], str]] = {
    "a Service whose selector matches nothing": (
        lambda r: r.one("Service", "predictor")["spec"]["selector"].update(
            {"app.kubernetes.io/name": "predictr"}
        ),
        "Service predictor: its selector matches no pods",
    ),
    "a workload whose selector misses its own pods": (
        lambda r: r.one("Deployment", "worker")["spec"]["selector"]["matchLabels"].update(tier="x"),
        "Deployment worker: its selector does not match its own pods",
    ),
    "a Service that targets a port by a wrong name": (
        lambda r: r.one("Service", "gateway")["spec"]["ports"][0].update(targetPort="htpp"),
        "Service gateway: Deployment gateway has no port htpp",
    ),
    "a probe that asks at a port by a wrong name": (
        lambda r: container(r, "Deployment", "predictor")["livenessProbe"]["httpGet"].update(
            port="metric"
        ),
        "Deployment predictor: its livenessProbe asks at port metric, which it has not",
    ),
    "a StatefulSet without its Service": (
        lambda r: r.one("StatefulSet", "redis")["spec"].update(serviceName="redis-headless"),
        "StatefulSet redis: there is no Service redis-headless",
    ),
    "an autoscaler without a target": (
        lambda r: r.one("HorizontalPodAutoscaler", "predictor")["spec"]["scaleTargetRef"].update(
            name="predict"
        ),
        "HorizontalPodAutoscaler predictor: there is no Deployment predict",
    ),
    "an autoscaler whose target sets replicas": (
        lambda r: r.one("Deployment", "predictor")["spec"].update(replicas=2),
        "HorizontalPodAutoscaler predictor: Deployment predictor sets replicas, so each apply scales",
    ),
    "a disruption budget that matches nothing": (
        lambda r: r.one("PodDisruptionBudget", "gateway")["spec"]["selector"]["matchLabels"].update(
            a="b"
        ),
        "PodDisruptionBudget gateway: its selector matches no pods",
    ),
    "a disruption budget that blocks all": (
        lambda r: r.one("PodDisruptionBudget", "gateway").update(
            spec={
                "minAvailable": 2,
                "selector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}},
            }
        ),
        "PodDisruptionBudget gateway: it lets no pod of Deployment gateway go, so no node can be drained",
    ),
    "a ConfigMap that is not there": (
        lambda r: pod_of(r.one("StatefulSet", "alertmanager"))["volumes"][0]["configMap"].update(
            name="alerts"
        ),
        "StatefulSet alertmanager: there is no ConfigMap alerts",
    ),
    "a Secret that is not there": (
        lambda r: r.one("StatefulSet", "store")["spec"]["template"]["spec"]["containers"][0]["env"][
            -1
        ].update(valueFrom={"secretKeyRef": {"name": "store", "key": "secret_access_key"}}),
        "StatefulSet store: there is no Secret store",
    ),
    "a Secret without the key that is read": (
        lambda r: pod_of(r.one("Deployment", "predictor"))["volumes"][-1]["projected"]["sources"][
            0
        ]["secret"].update(items=[{"key": "password", "path": "redis_password"}]),
        "Deployment predictor: Secret redis-credentials has no key password",
    ),
    "a ServiceAccount that is not there": (
        lambda r: pod_of(r.one("StatefulSet", "monitor")).update(serviceAccountName="monitor"),
        "StatefulSet monitor: there is no ServiceAccount monitor",
    ),
    "a RoleBinding to a Role that is not there": (
        lambda r: r.one("RoleBinding", "bootstrap-secrets")["roleRef"].update(name="bootstrap"),
        "RoleBinding bootstrap-secrets: there is no Role bootstrap",
    ),
    "a mount of a volume that is not there": (
        lambda r: container(r, "Deployment", "worker")["volumeMounts"][0].update(name="temp"),
        "Deployment worker: it mounts temp, which is no volume",
    ),
    "an address of a Service that is not there": (
        lambda r: settings(r).update(SLIPWAY_REDIS_URL="redis://redis-master:6379/0"),
        "Deployment worker: SLIPWAY_REDIS_URL: there is no Service redis-master with port 6379",
    ),
    "an address with a port that the Service has not": (
        lambda r: container(r, "Deployment", "gateway")["env"][0].update(
            value="predictor-pods.slipway.svc.cluster.local:8080"
        ),
        "Deployment gateway: PREDICTOR_ADDRESS: there is no Service predictor-pods with port 8080",
    ),
    "an address in another namespace": (
        lambda r: container(r, "Deployment", "gateway")["env"][0].update(
            value="predictor-pods.default.svc.cluster.local:8000"
        ),
        "PREDICTOR_ADDRESS: predictor-pods.default.svc.cluster.local is outside the namespace",
    ),
    "a scrape of a Service that is not there": (
        lambda r: r.objects.remove(r.one("Service", "worker-pods")),
        "Prometheus job worker: there is no Service worker-pods with port 9101",
    ),
    "a policy that keeps the worker out of Redis": (
        lambda r: r.one("NetworkPolicy", "redis")["spec"]["ingress"][0]["from"].pop(1),
        "no policy lets Deployment worker into StatefulSet redis at 6379",
    ),
    "a policy that keeps Prometheus in": (
        lambda r: r.one("NetworkPolicy", "prometheus")["spec"].pop("egress"),
        "no policy lets StatefulSet prometheus out to Deployment predictor at 9100",
    ),
    "an image without a version": (
        lambda r: container(r, "StatefulSet", "store").update(image="versity/versitygw"),
        "StatefulSet store: the image versity/versitygw names no version",
    ),
    "an image at its latest": (
        lambda r: container(r, "StatefulSet", "redis").update(image="example.org/redis:latest"),
        "StatefulSet redis: the image example.org/redis:latest names no version",
    ),
    "a limit under the request": (
        lambda r: container(r, "Deployment", "worker")["resources"]["limits"].update(
            memory="512Mi"
        ),
        "Deployment worker: worker may use less memory than it requests",
    ),
    "a bad quantity": (
        lambda r: container(r, "Deployment", "worker")["resources"]["limits"].update(memory="2GB"),
        "Deployment worker: 768Mi or 2GB is no quantity",
    ),
    "a pod with a token for the Kubernetes API": (
        lambda r: pod_of(r.one("Deployment", "grafana")).pop("automountServiceAccountToken"),
        "Deployment grafana: its pods get a token for the Kubernetes API",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_noticed(mistake: str, rendered: Rendered, made_before: Keys) -> None:
    make, sentence = MISTAKES[mistake]
    make(rendered)
    assert any(sentence in problem for problem in problems(rendered, made_before))
