import type { CatalogueEntry } from '../postgres/messages/catalogue.ts';

/** The page of a message of PostgreSQL, in Markdown. */
export function messagePage({ id, format, severity, file, meaning, fix, since, until, side }: CatalogueEntry): string {
  const releases = [
    ...(since === undefined ? [] : [`from ${since} on`]),
    ...(until === undefined ? [] : [`up to ${until}`]),
  ];
  return [
    `# log/${id}`,
    '',
    `    ${severity === undefined ? '' : `${severity}:  `}${format.replaceAll('\n', '\n    ')}`,
    '',
    `Printed by ${file}, ${sides[side]}${releases.length === 0 ? '' : `, ${releases.join(' ')}`}.`,
    ...(meaning === '' ? [] : ['', '## What it means', '', meaning]),
    ...(fix === '' ? [] : ['', '## What to do', '', fix]),
    '',
  ].join('\n');
}

const sides = { standby: 'on the standby', primary: 'on the primary', client: 'by a program that connects' } as const;
