"""Pages for people. Each module is a router (`routes(door)`); `rendering.Pages` makes what they answer with.

How a page is built

    @router.get("/things")
    async def things(request: Request, caller: Annotated[Caller, Depends(may(Right.READ))]) -> Response:
        rows = await …                                   # database reads only: a page never waits for Temporal
        return door.pages.page("things.html", request=request, rows=rows)

    {% extends "layout.html" %}
    {% block title %}Things{% endblock %}
    {% block crumbs %}{{ ui.crumbs([("Accounts", "/accounts")], "Things") }}{% endblock %}
    {% block styles %}<link rel="stylesheet" href="{{ static('things.css') }}">{% endblock %}
    {% block scripts %}<script type="module" src="{{ static('things.js') }}"></script>{% endblock %}
    {% block content %}<div class="page stack">…</div>{% endblock %}

- Blocks of layout.html: `title`, `styles`, `scripts`, `crumbs`, `tools` (right end of the top bar), `content`.
- Every macro of templates/web/parts/*.html is there as `ui.name(…)` without an import; each file says what it has.
- Known everywhere: `request_path`, `partial` (htmx asks for a part), `caller` (name, role; None outside), `rights`
  ("read", "command", "admin"), `travel` (see `travelling.py`; None on pages of the present only), `said`, `house`,
  `now` (an instant), `static(name)`. Filters are those of `words.py`:
  `at|moment`, `at|day`, `at|clock`, `at|distance`, `cents|money("EUR")`, `n|number`, `n|days`, `n|counted("account")`,
  `part|percent(whole)`, `part|share(whole)` (a class p0…p100), `name|initials`, `colour|colour` (a class),
  `value|words(spec)`, `text|capital`, `id|quoted` (in addresses).
- No style attributes, no inline scripts: the policy refuses them. Colours are classes (`c-blue`), shares `p0`…`p100`.
- A page's own styles and scripts are files of their own in static/ (account.css, board.js, …); a name says whose it is.

When htmx asks

- `page(…)` answers a partial request (`hx-target` is anything but the body) with one block instead of the whole page:
  the one named by `part=`, else `dialog` where the template has one, else `content`.
- A template of parts/ without a layout is answered whole: fine for one row that swaps itself.
- `said="Moved to Launched."` shows a sentence: as a toast after a partial answer, as a banner on a whole page.
- After a command: `return door.pages.done(request, "/accounts/…", "Moved to Launched.")` is 303 and a banner for a
  plain form. For htmx the page, if it is the one that is open, is morphed into what is there: dialogs close, the
  scroll position stays, scripts that draw do so again on `htmx:after:swap`. Another page is loaded as a link would.
- A refusal is raised, not rendered (`problem.py`): a page, or a banner in `#notices` (inside a dialog that is open).
  A form that keeps what was typed answers itself: `page("hold.html", 422, request=request, refusal=error, form=…)`.
- In scripts: `import { say, announce } from "./announcing.js"`, `import { open, close } from "./dialogs.js"`.

Dialogs

- A dialog is a page of its own that extends dialog.html (blocks `heading`, `body`, `foot`; context `action`, `back`;
  see there). `{{ ui.opener("/accounts/7/hold", "Hold", icon="pause") }}` opens it in place, or as a page without
  JavaScript. Its form posts by htmx into the dialog: a refused one is answered with the same template.
"""

from .rendering import Pages

__all__ = ["Pages"]
