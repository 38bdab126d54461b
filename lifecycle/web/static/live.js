// Live changes (docs/live.md): one stream a page, closed while nobody looks at the page. A browser opens six
// connections to one house, and six forgotten tabs would keep the seventh from loading.
const TOGETHER = 250;
const AGAIN = 30_000;

/**
 * Follow `/live/accounts/…` or `/live/board/…`; answers with a function that stops it.
 * `changed` gets a list of what was told lately ({account, revision, …}), `reset` says to read everything anew,
 * `ended` that the reader may no longer read.
 */
export function follow(address, { changed, reset = () => changed([]), ended = () => {} }) {
  const url = new URL(address, location.href);
  const place = url.pathname.startsWith("/live/board/") ? "since" : "after";
  let source = null;
  let waiting = [];
  let telling = 0;
  let retrying = 0;

  const tell = () => {
    telling = 0;
    const told = waiting;
    waiting = [];
    changed(told);
  };

  const hear = (event, what) => {
    if (event.lastEventId) url.searchParams.set(place, event.lastEventId);
    what(event);
  };

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(url);
    source.addEventListener("changed", (event) => hear(event, () => {
      waiting.push(JSON.parse(event.data));
      telling ||= setTimeout(tell, TOGETHER);
    }));
    source.addEventListener("reset", (event) => hear(event, () => {
      waiting = [];
      reset();
    }));
    source.addEventListener("ended", () => {
      stop();
      ended();
    });
    // Left alone a browser comes back after a cut, but not after a refusal (too many streams, the door restarts).
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      retrying ||= setTimeout(() => { retrying = 0; open(); }, AGAIN);
    });
  };

  const close = () => {
    source?.close();
    source = null;
  };

  const look = () => (document.hidden ? close() : open());

  const stop = () => {
    document.removeEventListener("visibilitychange", look);
    clearTimeout(retrying);
    clearTimeout(telling);
    close();
  };

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return stop;
}
