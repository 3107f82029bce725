import type { FleetChanges, FleetReport, KnownFinding, SharedCause } from '../../findings/fleet-report.ts';
import { exactDuration } from '../../postgres/durations.ts';
import { forLogs } from '../for-logs.ts';
import { code, prose } from '../in-markdown.ts';
import { counted } from '../layout.ts';
import { knownTogether } from './known-together.ts';
import { countsOf, rowsOf } from './target-row.ts';

/** The table of the targets, each root cause once, and what has changed. */
export function fleetMarkdown(fleet: FleetReport): string {
  const { targets, causes, since, startedAt, tool } = fleet;
  const rows = rowsOf(fleet);
  const parts = [
    `# standbylint fleet: ${counted(targets.length, 'target')}, ${countsOf(rows)}`,
    [
      '| Verdict | Target | |',
      '|---|---|---|',
      ...rows.map(({ word, target, sentence }) => `| ${word} | ${code(target)} | ${prose(sentence)} |`),
    ].join('\n'),
    ...(causes.length === 0 ? [] : ['## Root causes', causes.map(causeLine).join('\n')]),
    ...(since === undefined ? [] : changeParts(since, Date.parse(startedAt))),
    `Checked ${startedAt.slice(0, 19).replace('T', ' ')} UTC, standbylint ${tool.version}`,
  ];
  return forLogs(`${parts.join('\n\n')}\n`);
}

const causeLine = ({ severity, title, rule, primary, targets }: SharedCause): string =>
  `- ${severity}: **${prose(title)}** (${code(rule)})${primary === null ? '' : `, ${code(primary)}`}: ${targets.map(code).join(', ')}`;

function changeParts(since: FleetChanges, now: number): readonly string[] {
  const list = (heading: string, known: readonly KnownFinding[], lasted: (text: string) => string): readonly string[] =>
    known.length === 0
      ? []
      : [
          `## ${heading}`,
          knownTogether(known)
            .map(
              ({ targets, title, rule, firstSeen }) =>
                `- ${targets.map(code).join(', ')}: ${prose(title)} (${code(rule)})${lasted(exactDuration(now - Date.parse(firstSeen)))}`,
            )
            .join('\n'),
        ];
  return [
    ...list('New', since.new, () => ''),
    ...list('Gone', since.gone, (text) => `, after ${text}`),
    ...list('Still there', since.same, (text) => `, for ${text}`),
  ];
}
