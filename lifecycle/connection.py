"""The connection to Temporal: TEMPORAL_* variables and profiles, else the embedded server."""

import asyncio
from typing import Final

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from lifecycle.converter import make_converter
from lifecycle.embedded.record import remembered
from lifecycle.failure import NoServer as NoServer
from lifecycle.settings import Settings

DEFAULT_ADDRESS: Final = "localhost:7233"
ANSWER_WITHIN: Final = 5.0
# What the client library's nested messages mean, by a word in them.
CAUSES: Final = {
    "ConnectionRefused": "nothing listens there (connection refused).",
    "dns error": "the name is not known.",
    "Unauthenticated": "the server wants an API key or a certificate (TEMPORAL_API_KEY).",
    "PermissionDenied": "the server refuses this API key or certificate.",
    "UnknownIssuer": "its certificate is signed by an authority this machine does not know.",
    "InvalidCertificate": "its certificate is not valid.",
}


def profile() -> ClientConfigProfile:
    """The profile chosen by TEMPORAL_PROFILE with TEMPORAL_* on top.

    Raises `NoServer` when the profile or its file cannot be read.
    """
    try:
        return ClientConfigProfile.load()
    except (RuntimeError, ValueError) as error:
        raise NoServer(
            f"The Temporal profile cannot be read: {error}\n"
            "Look at TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the file they name."
        ) from None


def arguments(settings: Settings) -> ClientConnectConfig:
    """Where and how to connect: the profile's address, else the embedded server's, else 7233."""
    config = profile().to_client_connect_config()
    if "target_host" not in config:
        embedded = remembered(settings.state_dir)
        config["target_host"] = embedded.address if embedded else DEFAULT_ADDRESS
    return config


async def connect(settings: Settings, within: float = ANSWER_WITHIN) -> Client:
    """A client that speaks the engine's data format.

    Raises `NoServer` after `within` seconds at the latest, naming the address that was tried.
    """
    config = arguments(settings)
    address = config["target_host"]
    try:
        async with asyncio.timeout(within):
            converter = make_converter(settings.ring)
            client = await Client.connect(data_converter=converter, **config)
            await _look_up_namespace(client)
    except TimeoutError:
        raise _no_answer(address, f"no answer within {within:g} seconds") from None
    except RuntimeError as error:
        raise _no_answer(address, _core(str(error))) from None
    return client


async def connect_later(settings: Settings) -> Client:
    """A client that connects at its first call: a door may open before the server is there."""
    converter = make_converter(settings.ring)
    return await Client.connect(data_converter=converter, lazy=True, **arguments(settings))


async def _look_up_namespace(client: Client) -> None:
    """A missing namespace would otherwise show only as a worker that gets nothing to do."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        # Whoever may not look it up may still be allowed to work in it.
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NoServer(
                f"The Temporal server at {client.service_client.config.target_host} has no"
                f" namespace {client.namespace!r}.\nName another with TEMPORAL_NAMESPACE, or create"
                f" it: temporal operator namespace create --namespace {client.namespace}"
            ) from None


def _no_answer(address: str, reason: str) -> NoServer:
    return NoServer(
        f"No Temporal server at {address}: {reason}\n"
        "Start the embedded one with `lifecycle up` (in a checkout: `make run`), or name yours"
        " with TEMPORAL_ADDRESS or a profile (TEMPORAL_PROFILE)."
    )


def _core(message: str) -> str:
    """The readable end of the client library's nested message."""
    for sign, words in CAUSES.items():
        if sign in message:
            return words
    return message
