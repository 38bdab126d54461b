"""The command `lifecycle` (also `python -m lifecycle`): finds its parts and hands over to them.

Only the part that is asked for is loaded, so that `--help` and completion stay quick.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lifecycle import __version__, completion
from lifecycle.failure import Failure
from lifecycle.leaving import leave_after
from lifecycle.places import app_folder

# Beside the package in a checkout, in `_app` of an installed one: see `lifecycle.places`.
OURS: Final = ("workflows", "activities", "worker", "starter", "admin")
PARTS: Final = {
    "admin": "What a CSM or an operator does by hand: show, set, undo, why, forecast, …",
    "starter": "Start accounts: one, many from a CSV file, or a CRM history to import.",
    "worker": "Run a worker against a Temporal service.",
}


class WrongApp(Failure):
    """Another package with a name of ours comes first in the search for modules."""


app: Final = typer.Typer(
    name="lifecycle",
    help="Runs customer lifecycles: every account is one long-running Temporal workflow.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"lifecycle-engine {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version),
    ] = False,
) -> None:
    """Options of the whole command."""


@app.command()
def up() -> None:
    """Start everything: Temporal with its UI, the database, a worker. Ctrl-C ends it.

    With TEMPORAL_ADDRESS or a profile, and LIFECYCLE_DATABASE_URL, those are used instead.
    """
    worker = load("worker")
    from lifecycle import settings
    from lifecycle.embedded.up import up as start

    start(settings.load(), worker.make_worker)


@app.command()
def web(
    host: Annotated[
        str, typer.Option(help="Where to listen. 0.0.0.0: reachable from other machines.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")
    ] = 8400,
) -> None:
    """Open the web door alone: the API, webhooks in, and the pages. Ctrl-C closes it.

    Put a proxy that speaks HTTPS before it, and its address into LIFECYCLE_BASE_URL and LIFECYCLE_PUBLIC_URL.
    """
    from lifecycle import settings
    from lifecycle.web.alone import run

    run(settings.load(), host, port)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to; made when missing.")] = Path(),
) -> None:
    """Copy the shipped definitions, templates, import mappings and hooks into a folder of yours."""
    from lifecycle.scaffold import copy_to

    for copied in copy_to(folder):
        typer.echo(f"  {copied}")
    typer.echo(f"Edit them, and run `lifecycle up` in {folder.resolve()}.")


def load(name: str) -> Any:
    """Import one of our top-level modules, sure that it is ours.

    Raises `WrongApp` when another package of the same name hides one of them.
    """
    ours = app_folder()
    if sys.path[:1] != [str(ours)]:
        sys.path.insert(0, str(ours))
    for part in OURS:
        _assert_ours(part, ours)
    return import_module(name)


def _assert_ours(name: str, ours: Path) -> None:
    spec = find_spec(name)
    found = Path(spec.origin).resolve() if spec and spec.origin else None
    if found is None:
        raise WrongApp(f"{ours} lacks `{name}`: the installation is not whole. Install it anew.")
    if not found.is_relative_to(ours):
        raise WrongApp(
            f"Another `{name}` hides the engine's own: {found}\n"
            f"The engine's lies in {ours}. Run it in a virtual environment of its own, and"
            " without that one on PYTHONPATH."
        )


def _hand_over(name: str) -> Callable[[typer.Context], None]:
    def run(ctx: typer.Context) -> None:
        load(name).app(args=ctx.args, prog_name=ctx.command_path)

    return run


for part, text in PARTS.items():
    app.command(
        part,
        help=text,
        add_help_option=False,
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "allow_interspersed_args": False,
        },
    )(_hand_over(part))


def main() -> None:
    """Run the command and end; a failure is told without a traceback."""
    leave_after(_run)


def _run() -> None:
    try:
        part = completion.pass_on(PARTS)
        (load(part).app if part else app)(prog_name="lifecycle")
    except Failure as failure:
        typer.secho(str(failure), fg="red", err=True)
        sys.exit(failure.exit_code)


if __name__ == "__main__":
    main()
