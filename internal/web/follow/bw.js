/* Bellwether events. No cookie; nothing is kept in the browser unless the site asks for statistics consent and got it:
   <script defer src="…/bw.js" data-site="s_…"></script>, then bellwether.event("signup") or bellwether.event("order", {value: 12.5, currency: "EUR"}). */
(function () {
  var s = document.currentScript, site = s && s.getAttribute("data-site"), to = s && new URL("/e", s.src).href, kept = "bw_visitor";
  if (!site) return;
  function visitor() {
    try { return localStorage.getItem(kept) || ""; } catch (e) { return ""; }
  }
  function send(name, o) {
    o = o || {};
    var body = JSON.stringify({ s: site, i: o.id || (Date.now().toString(36) + Math.random().toString(36).slice(2)), n: name, u: location.href, r: document.referrer, v: visitor(), val: o.value, cur: o.currency, p: o.props });
    return fetch(to, { method: "POST", body: body, keepalive: true, credentials: "omit", headers: { "content-type": "text/plain" } })
      .then(function (r) { return r.ok ? r.json() : {}; })
      .then(function (a) { window.bellwether.visitor = a.visitor || window.bellwether.visitor; return a.visitor; })
      .catch(function () {});
  }
  window.bellwether = {
    visitor: "",
    event: send,
    /* consent(true) keeps one random name in this browser; consent(false) forgets it. */
    consent: function (yes) {
      try {
        if (!yes) return localStorage.removeItem(kept);
        if (!localStorage.getItem(kept)) localStorage.setItem(kept, "v_" + Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b) { return ("0" + b.toString(16)).slice(-2); }).join(""));
      } catch (e) {}
    }
  };
  var last = "";
  function page() { if (location.href !== last) { last = location.href; send("page_view"); } }
  page();
  ["pushState", "replaceState"].forEach(function (f) { var was = history[f]; history[f] = function () { var r = was.apply(this, arguments); setTimeout(page); return r; }; });
  addEventListener("popstate", page);
  addEventListener("click", function (e) {
    var a = e.target.closest && e.target.closest("a[href]");
    if (a && a.host && a.host !== location.host) send("outbound", { props: { href: a.href } });
  }, true);
})();
