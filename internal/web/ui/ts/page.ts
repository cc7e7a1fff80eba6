// What the islands share: looking at new content, delegated events, words for screen readers.

type Look = (root: ParentNode) => void;
const looks: Look[] = [];

/** Runs look for the page and again after each swap; look must not mind seeing an element twice. */
export function onContent(look: Look): void {
  looks.push(look);
}

/** Starts the islands; called once when all are loaded. */
export function ready(): void {
  const all = () => looks.forEach((look) => look(document));
  all();
  document.addEventListener("htmx:after:swap", all);
  document.addEventListener("htmx:after:history:push", all);
}

/** Listens on the document for events inside elements that match. */
export function on<K extends keyof DocumentEventMap>(
  type: K, selector: string, act: (element: HTMLElement, event: DocumentEventMap[K]) => void, capture = false,
): void {
  document.addEventListener(type, (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const found = target.closest<HTMLElement>(selector);
    if (found) act(found, event);
  }, capture);
}

/** Has assistive technology read words out politely. */
export function say(words: string): void {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = words; }, 30);
}

/** Tells whether the person is typing, so that single keys must be left alone. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));
}

/** The topmost open modal dialog. */
export function openDialog(): HTMLDialogElement | undefined {
  return [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].pop();
}
