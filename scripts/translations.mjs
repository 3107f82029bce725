// Writes src/explain/translations.json: what the messages of the catalogue are in other languages, from the .mo files
// of the installed releases. PO=…:… names the folders of locales; the release is in the files' names.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

import glob from 'fast-glob';

const languages = ['de', 'fr', 'es', 'pt_BR', 'it', 'ru', 'ja', 'zh_CN', 'pl', 'tr', 'ko', 'sv', 'uk'];
const programs = ['postgres', 'libpq5', 'pg_basebackup', 'pg_rewind', 'pg_ctl'];
const folders = (process.env.PO ?? '/usr/share/locale').split(':');
const target = 'src/explain/translations.json';

const [names, ...rows] = JSON.parse(readFileSync('src/postgres/messages/catalogue.json', 'utf8'));
const entries = rows
  .filter((row) => row.length > 1)
  .map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
  .filter(({ file, matters }) => !file.startsWith('(') && Number(matters) >= 3);
/** In the places of others' values. */
const parts = ['no encryption', 'SSL encryption', 'GSS encryption', 'SSL on', 'SSL off', 'currently in use'];
const formats = [
  ...parts,
  ...new Set(
    entries.flatMap(({ format, detail }) => [format, format.replace(/^%s: /u, ''), ...(detail === '' ? [] : [detail])]),
  ),
];

const lines = new Map();
for (const language of languages) {
  for (const file of filesOf(language)) {
    const translated = messagesOf(file);
    for (const format of formats) {
      const text = translated.get(format) ?? translated.get(`${format}\n`);
      if (text !== undefined) addLines(language, format.trimEnd().split('\n'), text.trimEnd().split('\n'));
    }
  }
}

/** What libpq says is of several lines, each of which may be pasted alone. */
function addLines(language, english, text) {
  // translators break long lines, French ones above all
  if (english.length === 1 && text.length > 1)
    return addLines(language, english, [text.map((line) => line.trim()).join(' ')]);
  if (english.length !== text.length) return;
  english.forEach((line, index) => {
    const [own, foreign] = [line.trim(), text[index].trim()];
    if (own === foreign || lettersOf(foreign) < 4 || lettersOf(own) < 8 || own.includes('*')) return;
    const cells = lines.get(own) ?? {};
    cells[language] = [...new Set([...(cells[language] ?? []), foreign])];
    lines.set(own, cells);
  });
}

/** Without its values. */
function lettersOf(format) {
  return format.replaceAll(/%(?:\d+\$)?[-0-9.]*(?:ll|l|z)?[a-zA-Z]|[^\p{L}]/gu, '').length;
}

function filesOf(language) {
  const all = folders.flatMap((folder) =>
    programs.flatMap((program) => glob.sync(`${folder}/${language}/LC_MESSAGES/${program}-*.mo`)),
  );
  return all.toSorted((a, b) => basename(a).localeCompare(basename(b)));
}

/** The GNU format: two tables of lengths and offsets. */
function messagesOf(file) {
  const bytes = readFileSync(file);
  const [count, originals, translations] = [8, 12, 16].map((at) => bytes.readUInt32LE(at));
  const textAt = (at) => {
    const [length, from] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    return bytes
      .toString('utf8', from, from + length)
      .split('\u0004')
      .at(-1)
      .split('\0');
  };
  const found = new Map();
  for (let index = 0; index < count; index += 1) {
    const forms = textAt(translations + 8 * index);
    textAt(originals + 8 * index).forEach((form, at) => found.set(form, forms[at] ?? forms.at(-1)));
  }
  return found;
}

const before = JSON.parse(readFileSync(target, 'utf8'));
const ofSystem = before.slice(0, before.findIndex((row) => row[0].startsWith('PostgreSQL')) + 1);
const table = [...lines].map(([english, cells]) => [
  english,
  ...languages.map((language) => (cells[language] ?? []).join('\n')),
]);
writeFileSync(target, `[\n${[...ofSystem, ...table].map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
