// One event stream per page. A message names topics; elements with data-refresh that name one
// of them fetch themselves again and are morphed, so focus and scroll stay.
import htmx from "../third_party/htmx/htmx.esm.min.js";
import { say } from "./page";

let stream: EventSource | undefined;
let lost = false;
const due = new Map<string, number>();

/** Topics of a message: JSON {"topic": …} or {"topics": […]}, or plain words. */
export function topics(data: string): string[] {
  try {
    const value = JSON.parse(data);
    if (typeof value === "string") return [value];
    return [value.topic, ...(value.topics ?? [])].filter((t: unknown): t is string => typeof t === "string");
  } catch {
    return data.split(/\s+/).filter(Boolean);
  }
}

/** "inbox" hears "inbox" and "inbox.MessageReceived". */
const hears = (wanted: string, topic: string) => wanted === topic || topic.startsWith(`${wanted}.`);

function heard(list: string[]): void {
  document.querySelectorAll<HTMLElement>("[data-refresh][id]").forEach((element) => {
    const wanted = (element.dataset.refresh ?? "").split(/\s+/);
    if (list.some((topic) => wanted.some((w) => hears(w, topic)))) plan(element.id);
  });
}

/** Gathers a burst of events into one request. */
function plan(id: string): void {
  clearTimeout(due.get(id));
  due.set(id, window.setTimeout(() => refresh(id), 350));
}

function refresh(id: string): void {
  due.delete(id);
  const element = document.getElementById(id);
  if (!element) return;
  if (document.hidden || busy(element)) {
    due.set(id, window.setTimeout(() => refresh(id), 2000));
    return;
  }
  const url = element.dataset.refreshUrl || element.getAttribute("hx-get") || location.pathname + location.search;
  void htmx.ajax("GET", url, { target: element, swap: "outerMorph", select: `#${CSS.escape(id)}`, source: element });
}

/** An element someone types into, drags from, chooses rows in or has a menu open in is left alone for now. */
function busy(element: HTMLElement): boolean {
  const focused = document.activeElement;
  const typed = focused instanceof HTMLElement && element.contains(focused) && focused.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
  return typed || element.querySelector(".is-dragged, .is-picked, [popover]:popover-open, dialog[open], .cell-select input:checked") !== null;
}

function listen(url: string): void {
  stream?.close();
  stream = new EventSource(url);
  stream.onmessage = (event) => heard(topics(event.data));
  stream.onopen = () => {
    if (!lost) return;
    lost = false;
    document.body.classList.remove("is-offline");
    document.querySelectorAll<HTMLElement>("[data-refresh][id]").forEach((element) => plan(element.id));
    say("Connected again.");
  };
  stream.onerror = () => {
    lost = true;
    document.body.classList.add("is-offline");
    // The browser tries again by itself, except when the answer was no stream at all.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(() => listen(url), 15000);
  };
}

const url = document.body.dataset.events;
if (url) {
  listen(url);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(url); });
}
