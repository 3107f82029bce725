import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { answers } from '../../src/explain/answers.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { explained } from './explained.ts';

type Told = Awaited<ReturnType<typeof explained>>[number];

/** The format with values as they occur; its reason is one of the operating system's. */
const rendered = (format: string, reason: string): string =>
  format
    .replace(/^%s: /u, '')
    .replace('could not load %s', 'could not load /srv/%s/pg_hba.conf')
    .replaceAll(/%X\/%(?:08)?X/gu, '0/3000148')
    .replaceAll(/%m/gu, reason)
    .replace(/: %s$/u, `: ${reason}`)
    .replaceAll(/%s/gu, 'node_7')
    .replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxXc]/gu, '7')
    .replaceAll('%%', '%');

const commandsOf = ({ candidates, steps }: Told): readonly string[] => [
  ...candidates.flatMap(({ check }) => (check === null ? [] : [check.command])),
  ...steps.map(({ text }) => text),
];

/** What the catalogue has of {@link matters} 3 and more, each as a log or a program prints it. */
async function explanationsOf(reason: string): Promise<readonly { readonly id: string; readonly told: Told }[]> {
  const { messages } = await messageCatalogue();
  const told: { readonly id: string; readonly told: Told }[] = [];
  for (const { entry } of messages) {
    if (entry.matters < 3 || entry.generic || entry.variantOf !== undefined) continue;
    const label =
      entry.speaker === 'program'
        ? `${entry.program ?? 'pg_basebackup'}: error: `
        : entry.noLogPrefix
          ? 'postgres: '
          : `${entry.severity ?? 'ERROR'}:  `;
    const [first] = await explained(
      `${label}${rendered(entry.id.startsWith('hba-') ? entry.format.replace('file "%s"', 'file "/srv/pg_hba.conf"') : entry.format, reason)}`,
    );
    if (first?.names.includes(entry.id) === true) told.push({ id: entry.id, told: first });
  }
  return told;
}

/** These say that nothing is broken, or that the reason is on other lines. */
const withoutCommand = new Set([
  'pgbb-slots-need-stream',
  'root-not-permitted',
  'pgctl-root',
  'rewind-root',
  'libpq-password-from-file',
  'slot-exists-hot-standby-off',
  'auth-detail-no-md5',
  'pgbb-only-tar-compressed',
  // its one reason is a full /dev/shm
  'dsm-resize',
]);

describe('a message that matters', () => {
  it.each(['Permission denied', 'No space left on device', 'Input/output error', 'Stale file handle'])(
    'is answered with a command: %s',
    async (reason) => {
      const told = (await explanationsOf(reason)).filter(({ told: { kind } }) => kind === 'cause');
      expect(told.length).toBeGreaterThan(250);
      expect(
        told.filter(({ id, told: one }) => commandsOf(one).length === 0 && !withoutCommand.has(id)).map(({ id }) => id),
      ).toEqual([]);
    },
    60_000,
  );
});

describe('what is printed', () => {
  it('has all its values, and is typed as it stands', async () => {
    const { messages } = await messageCatalogue();
    const texts = [
      ...messages.map(({ entry }) => `${entry.severity ?? 'ERROR'}:  ${rendered(entry.format, 'Permission denied')}`),
      ...answers.withWords.map(({ says }) => rendered(says, 'Permission denied')),
    ];
    const commands = new Set<string>();
    const open: string[] = [];
    for (const text of texts)
      for (const told of await explained(text)) {
        const prose = [told.means, told.advice ?? '', ...told.candidates.map(({ cause }) => cause)];
        open.push(...prose.filter((words) => /\{[a-zA-Z]+\d?[|}]/u.test(words)));
        for (const { check } of told.candidates) if (check !== null) commands.add(check.command);
      }
    expect(open).toEqual([]);
    expect(commands.size).toBeGreaterThan(700);
    const script = [...commands]
      .filter((command) => !/\b(?:tasklist|icacls|Get-\w+)\b/u.test(command))
      .map((command, index) => `f${index}() {\n${command.replaceAll(/<[A-Za-z][\w .'/-]*>/gu, 'x')}\n}`)
      .join('\n');
    const { stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
  }, 120_000);
});
