"""From a template folder and a context to subject, text and HTML.

A template is a folder `<name>/` with `subject.txt`, `body.txt` and `body.html`; what lies
beside the folders (`layout.html`, …) is shared.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import TemplateNotFound, TemplateSyntaxError

from lifecycle.core.refusal import did_you_mean

from .problems import TemplateProblem
from .remote import remote_parts
from .sandbox import EmptyValue, MissingName, room

FILES = ("subject.txt", "body.txt", "body.html")
MAX_SUBJECT = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_INLINER = CSSInliner(
    load_remote_stylesheets=False, keep_at_rules=True, remove_inlined_selectors=True
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words: `subject` is one line, `html` has its styles on the elements."""

    subject: str
    text: str
    html: str


def template_names(templates: Path) -> tuple[str, ...]:
    """The complete template folders below `templates`, sorted."""
    found = (entry.name for entry in templates.iterdir() if entry.is_dir())
    return tuple(sorted(name for name in found if exists(name, templates)))


def exists(template: str, templates: Path) -> bool:
    """Whether `template` is a folder below `templates` with all three files."""
    if not _NAME.fullmatch(template):
        return False
    return all((templates / template / file).is_file() for file in FILES)


def require(template: str, templates: Path) -> None:
    """Raises `TemplateProblem` that says which file is missing, or which name was meant."""
    if exists(template, templates):
        return
    folder = templates / template
    if _NAME.fullmatch(template) and folder.is_dir():
        lacking = ", ".join(file for file in FILES if not (folder / file).is_file())
        raise TemplateProblem(folder, None, f"the template lacks {lacking}.")
    hint = did_you_mean(template, template_names(templates))
    raise TemplateProblem(templates, None, f"there is no e-mail template {template!r}.", hint)


def render(template: str, context: Mapping[str, object], templates: Path) -> Rendered:
    """The mail `template` in the words of `context` (see `lifecycle.mail.context`).

    Raises `TemplateProblem` with file and line: a name that is not there, an empty value printed, a
    subject of several lines, something in the HTML that would be fetched from elsewhere.
    """
    require(template, templates)
    subject, text, html = (_part(f"{template}/{file}", context, templates) for file in FILES)
    return Rendered(
        subject=_one_subject(subject.strip(), templates / template / FILES[0]),
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=_INLINER.inline(_self_contained(html, templates / template / FILES[2])),
    )


def _part(file: str, context: Mapping[str, object], templates: Path) -> str:
    try:
        return room(templates).get_template(file).render(context)
    except Exception as error:
        raise _problem(error, context, templates, templates / file) from error


def _one_subject(subject: str, file: Path) -> str:
    if not subject:
        raise TemplateProblem(file, None, "the subject is empty.")
    if not subject.isprintable():
        hint = "A value in it may hold one; a subject is one line."
        raise TemplateProblem(
            file, None, "the subject holds a line break or control character.", hint
        )
    if len(subject) > MAX_SUBJECT:
        raise TemplateProblem(file, None, f"the subject is longer than {MAX_SUBJECT} characters.")
    return subject


def _self_contained(html: str, file: Path) -> str:
    found = remote_parts(html)
    if found:
        hint = "Mail loads nothing: no pictures, scripts, forms or style sheets from elsewhere."
        raise TemplateProblem(file, None, f"the HTML holds {', '.join(found)}.", hint)
    return html


def _problem(
    error: Exception, context: Mapping[str, object], templates: Path, file: Path
) -> TemplateProblem:
    where, line = _location(error, templates, file)
    match error:
        case MissingName():
            return missing_name(error.name, error.available, tuple(context), (where, line))
        case TemplateSyntaxError():
            return TemplateProblem(where, line, f"cannot be read: {error.message}.")
        case TemplateNotFound():
            return TemplateProblem(where, line, f"there is no file {error.name!r} to include.")
        case EmptyValue():
            return TemplateProblem(where, line, str(error), "Put it into {% if … %}.")
        case _:
            return TemplateProblem(where, line, f"{error}")


def missing_name(
    name: str, available: list[str] | None, top: tuple[str, ...], at: tuple[Path, int | None]
) -> TemplateProblem:
    """The problem "`name` is not there", with the nearest name and all that are."""
    names = sorted(top if available is None else available)
    near = get_close_matches(name, names, n=1)
    meant = [f"Did you mean {near[0]}?"] if near else []
    hint = " ".join([*meant, *([f"Available: {', '.join(names)}."] if names else [])])
    return TemplateProblem(*at, f"there is no {name!r} here.", hint)


def _location(error: Exception, templates: Path, file: Path) -> tuple[Path, int | None]:
    """The innermost template line of a traceback (Jinja2 writes its own lines into it)."""
    if isinstance(error, TemplateSyntaxError):
        return (Path(error.filename) if error.filename else file), error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(templates)]
    return (Path(inside[-1].filename), inside[-1].lineno) if inside else (file, None)
