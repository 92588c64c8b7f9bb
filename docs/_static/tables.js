// Where the rows of a table become blocks, on narrow screens, each cell tells its column: pages.css.
for (const table of document.querySelectorAll(".bd-article table")) {
    const columns = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent);
    for (const row of table.querySelectorAll("tbody tr")) {
        [...row.cells].forEach((cell, at) => (cell.dataset.column = columns[at]));
    }
}
