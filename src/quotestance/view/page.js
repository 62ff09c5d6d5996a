"use strict";
// Tables that sort and filter, and links that light up what they lead to. All data stands in the document.
document.documentElement.classList.add("js");
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function sortBy(table, head) {
  const column = [...head.parentNode.children].indexOf(head);
  const numeric = head.classList.contains("num");
  const was = head.getAttribute("aria-sort");
  const down = was === "none" ? numeric : was === "ascending";   // numbers start with the largest
  const valueOf = row => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const rows = [...table.tBodies[0].rows].map(row => [valueOf(row), row]);
  const sign = down ? -1 : 1;
  rows.sort(([a], [b]) => a === "" || b === "" ? (a === "") - (b === "") : sign * (numeric ? a - b : collator.compare(a, b)));
  all("[aria-sort]", head.parentNode).forEach(other => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function filter(box) {
  const wanted = all("select[data-facet]", box).filter(list => list.value).map(list => [list.dataset.facet, list.value]);
  const words = (box.querySelector("input[type=search]")?.value ?? "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const rows = all("tbody > tr", box);
  let shown = 0;
  for (const row of rows) {
    const text = words.length ? row.textContent.toLocaleLowerCase() : "";
    row.hidden = !(wanted.every(([facet, value]) => row.getAttribute("data-f-" + facet) === value) && words.every(word => text.includes(word)));
    shown += !row.hidden;
  }
  const output = box.querySelector("output");
  const what = box.dataset.what;
  const total = rows.length.toLocaleString("en") + " " + what + (rows.length === 1 ? "" : "s");
  if (output) output.textContent = shown === rows.length ? total : shown.toLocaleString("en") + " of " + total;
}

function light(hash) {
  const name = decodeURIComponent(hash.slice(1));
  all(".lit").forEach(part => part.classList.remove("lit"));
  all(`[data-q="${CSS.escape(name)}"]`).forEach(part => part.classList.add("lit"));
}

for (const box of all(".datatable")) {
  const table = box.querySelector("table");
  all("thead button", box).forEach(button => button.addEventListener("click", () => sortBy(table, button.parentNode)));
  const form = box.querySelector("form.filters");
  if (form) {
    for (const kind of ["input", "change"]) form.addEventListener(kind, () => filter(box));
    form.addEventListener("submit", event => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => filter(box)));
    filter(box);   // a browser may have kept choices over a reload
  }
  table.tBodies[0].addEventListener("click", event => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, summary") && !String(getSelection())) location.hash = row.dataset.href;
  });
}

for (const button of all("button[data-show]")) {   // a cell of the matrix: show its rows in the table
  button.addEventListener("click", () => {
    const box = document.getElementById(button.dataset.show);
    box.querySelector("form").reset();
    for (const list of all("select[data-facet]", box)) list.value = button.getAttribute("data-f-" + list.dataset.facet) ?? "";
    setTimeout(() => { filter(box); box.scrollIntoView(); box.querySelector("select").focus({ preventScroll: true }); });
  });
}

addEventListener("hashchange", () => light(location.hash));
if (location.hash) light(location.hash);
