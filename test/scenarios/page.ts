import { catalogue } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { complete } from '../lab/releases.ts';
import { commands, keyOf, rows } from './matrix.ts';
import type { Row } from './matrix.ts';
import type { Proof, Proofs } from './proven.ts';
import { withoutRow } from './without-row.ts';

const rules: readonly AnyRule[] = catalogue;

/** docs/scenarios.md: the matrix, and what the last run of each row has shown. */
export const scenariosPage = (proofs: Proofs): string =>
  [
    '# The scenarios',
    '',
    'Each row is a fault that is made on real servers. The rule has to stand first, and nothing else beside it as a root',
    'cause. The steps of its remedy are then run exactly as they are printed, and after them the report is clean, a standby',
    'streams, and a row that is written on the primary is read on it.',
    '',
    '`npm run scenarios` plays all rows on all releases and writes this page. With arguments for vitest it plays some and',
    'changes what they show:',
    '',
    '    npm run scenarios -- postmortem-18 -t slot/lost',
    '',
    '`npm test` plays half of the rows, each on one release, by the number of its turn, which is that of the commits up to',
    'this one: eight commits in a row see each row on each of its releases. The run prints its turn; with that number in',
    '`STANDBYLINT_MATRIX` another run plays the same.',
    '',
    '– is a release that the fault does not exist on.',
    '',
    sum(proofs),
    ...commands.flatMap((command) => [
      '',
      `## ${command}`,
      '',
      ...table(
        rows.filter((row) => row.command === command),
        proofs,
      ),
      '',
      'Rules of severity `error` that no row plays as the root cause:',
      '',
      ...Object.entries(withoutRow[command]).map(([id, why]) => `- ${link(id)}: ${why}`),
    ]),
    '',
  ].join('\n');

const table = (its: readonly Row[], proofs: Proofs): readonly string[] => [
  `| rule | fault | remedy | ${complete.join(' | ')} |`,
  `| --- | --- | --- |${' --- |'.repeat(complete.length)}`,
  ...its.map((row) => {
    const proof = proofs[keyOf(row)];
    const cells = [
      link(row.rule),
      faultOf(row),
      remedyOf(row, proof),
      ...complete.map((release) => shown(row, proof, release)),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  }),
];

const link = (id: string): string => `[${id}](rules/${id}.md)`;

function faultOf({ rule, name, noStream }: Row): string {
  const fault = name ?? rules.find(({ id }) => id === rule)?.title ?? '';
  return noStream === undefined ? fault : `${fault} (no standby streams at the end: ${noStream})`;
}

const remedyOf = ({ way }: Row, proof: Proof | undefined): string =>
  [proof?.risk ?? '', way === undefined ? '' : `comes back by ${way === 'mend' ? 'the fix alone' : way}`]
    .filter((part) => part !== '')
    .join(', ');

function shown({ releases }: Row, proof: Proof | undefined, release: number): string {
  if (!releases.includes(release)) return '–';
  const is = proof?.on[release];
  if (is === undefined) return 'not played yet';
  return typeof is === 'number' ? 'proven' : `not proven: ${is}`;
}

function sum(proofs: Proofs): string {
  const all = rows.flatMap((row) => row.releases.map((release) => proofs[keyOf(row)]?.on[release]));
  const proven = all.filter((one) => typeof one === 'number').length;
  const refuted = all.filter((one) => typeof one === 'string').length;
  return `${rows.length} rows, ${all.length} with their releases: ${proven} proven, ${refuted} not proven, ${all.length - proven - refuted} not played yet.`;
}
