// Times are written by the server in the page's zone. On hovering they say the reader's own
// local time where that differs; countdowns count.
import { onContent } from "./page";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

onContent((root) => {
  root.querySelectorAll<HTMLTimeElement>("time[data-local]").forEach((time) => {
    const zone = time.dataset.zone || document.body.dataset.zone || "";
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const local = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    time.title = zone && zone !== own ? `${time.textContent?.trim()} ${zone} · ${local} where you are (${own})` : local;
  });
});

function left(milliseconds: number): string {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const span = days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  return milliseconds > 0 ? `${span} left` : `overdue by ${span}`;
}

function count(): void {
  document.querySelectorAll<HTMLTimeElement>("time[data-countdown]").forEach((time) => {
    const rest = new Date(time.dateTime).getTime() - Date.now();
    if (Number.isNaN(rest)) return;
    time.textContent = left(rest);
    const frame = time.closest(".countdown");
    if (!frame) return;
    frame.classList.toggle("tone-bad", rest <= 0);
    frame.classList.toggle("tone-warn", rest > 0 && rest <= 15 * 60000);
    if (rest <= 15 * 60000) frame.classList.remove("tone-neutral");
  });
}

// The first count waits a whole minute: what the server wrote is right until then.
setInterval(count, 60000);
