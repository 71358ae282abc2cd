/** Fewer columns than these need no choice. */
const FEW_COLUMNS = 4;

/**
 * What tables of a page do. They sort by the column whose button was pressed, numbers by value, texts by letters;
 * and above each stands which of its columns are shown.
 */
export const SCRIPT = `
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.cells[head.cellIndex].dataset.v ?? row.cells[head.cellIndex].textContent;
  const compare = (a, b) => head.classList.contains("n") ? key(a) - key(b) : key(a).localeCompare(key(b));
  for (const row of [...body.rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)))) body.append(row);
});
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  if (heads.length < ${FEW_COLUMNS}) continue;
  const choice = document.createElement("details"), summary = document.createElement("summary"), list = document.createElement("div");
  choice.className = "choice";
  choice.append(summary, list);
  const boxes = heads.map((head, index) => {
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !("extra" in head.dataset);
    label.append(box, " " + head.textContent);
    if (index > 0) list.append(label);
    box.addEventListener("change", () => show(index));
    return box;
  });
  const show = (index) => {
    for (const row of table.rows) row.cells[index].hidden = !boxes[index].checked;
    summary.textContent = "Columns: " + boxes.filter((box) => box.checked).length + " of " + boxes.length;
  };
  heads.forEach((_, index) => show(index));
  table.parentElement.before(choice);
}`;
