// Sections that fetch themselves anew (`live` and `refreshed` in project/jobs/templatetags/live.py) disturb nobody.
(() => {
  const UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, {numeric: "auto"});
  const seen = new WeakMap();
  let open = [], scrolled = [];

  // Nobody looks: nothing is fetched. Who comes back gets it at once, by the trigger `visibilitychange`.
  document.addEventListener("htmx:beforeRequest", event => {
    if (document.hidden && event.detail.elt.id === "live") event.preventDefault();
  });

  // What was open or scrolled stays so, where it has an id. The focus is kept by htmx, likewise.
  document.addEventListener("htmx:beforeSwap", event => {
    const named = [...event.detail.target.querySelectorAll("[id]")];
    open = named.filter(node => node.open).map(node => node.id);
    scrolled = named.filter(node => node.scrollLeft || node.scrollTop);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const again = id => document.getElementById(id);
    open.forEach(id => again(id)?.setAttribute("open", ""));
    scrolled.forEach(node => again(node.id)?.scrollTo(node.scrollLeft, node.scrollTop));
    tell();
  });

  // How long ago something was grows by itself. By this clock alone: the server's may differ.
  function tell() {
    for (const node of document.querySelectorAll("time[data-age]")) {
      if (!seen.has(node)) seen.set(node, performance.now() - node.dataset.age * 1000);
      const age = (performance.now() - seen.get(node)) / 1000;
      const [unit, seconds] = UNITS.find(([, seconds]) => age >= 1.5 * seconds) ?? UNITS.at(-1);
      node.textContent = words.format(-Math.round(age / seconds), unit);
    }
  }
  setInterval(tell, 1000);
})();
