"use strict";
// The filter of a table: words that a row must have, and what it came to. Rows and states are text in the page.
for (const form of document.querySelectorAll("form.filter")) {
  const rows = [...document.querySelectorAll("#" + form.dataset.table + " > tbody > tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const words = form.querySelector("input[type=search]");
  const state = form.querySelector("select");
  const count = form.querySelector("output");
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = wanted.every((word) => texts[index].includes(word));
      row.hidden = !(fits && (!state || !state.value || row.dataset.state === state.value));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = shown + " of " + rows.length;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
// On paper nothing can be opened.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details.prints:not([open])")];
  closed.forEach((each) => { each.open = true; });
});
addEventListener("afterprint", () => closed.forEach((each) => { each.open = false; }));
