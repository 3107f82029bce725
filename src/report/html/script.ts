/** Copies a command, filters the rules, and opens everything for the printer. It is in the page as it is here. */
export const script = `'use strict';
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const select = (element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
};
// a page that does not come from this machine or over TLS has no clipboard
const copy = async (code) => {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    select(code);
    return document.execCommand('copy');
  }
};
for (const button of all('button.copy')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const done = await copy(button.parentElement.querySelector('code'));
    button.textContent = done ? 'Copied' : 'Selected';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}

const form = document.querySelector('form.filter');
const rows = all('ul.rules > li');
const status = document.querySelector('p.shown');
const counted = (count) => count + (count === 1 ? ' rule' : ' rules');
const filter = () => {
  const outcomes = new Set(new FormData(form).getAll('outcome'));
  const words = form.elements.words.value.toLowerCase().split(/\\s+/u);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !outcomes.has(row.dataset.outcome) || !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  status.textContent = shown === rows.length ? counted(shown) : shown + ' of ' + counted(rows.length);
};
form.hidden = false;
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
// a browser keeps what was ticked before a reload
filter();

let opened = [];
addEventListener('beforeprint', () => {
  opened = all('details:not([open])');
  for (const one of opened) one.open = true;
});
addEventListener('afterprint', () => {
  for (const one of opened) one.open = false;
});
`;
