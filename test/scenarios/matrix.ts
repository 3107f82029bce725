import { describe, test } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import type { Finding, Report, Risk } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { scenarios } from './all.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { playPostmortem } from './postmortem.ts';
import { play } from './scenario.ts';
import { itsReleaseNow, turn as thisTurn } from '../lab/turn.ts';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- merged into vitest's own interface
  interface TaskMeta {
    /** A row that was played: what a run's results (JSON) are taken over from. */
    scenario?: { readonly row: string; readonly release: number; readonly risk: Risk | null };
  }
}

export const commands = ['preflight', 'postmortem'] as const;
type Command = (typeof commands)[number];

/** A fault that is made on real servers, of each release that it is for, looked at by one command, fixed as printed. */
export interface Row {
  readonly command: Command;
  readonly rule: RuleId;
  readonly name: string | undefined;
  /** The rule and what is special: no two rows of a command have the same. */
  readonly title: string;
  readonly releases: readonly number[];
  /** Rules whose findings are looked for among the consequences. */
  readonly consequences: readonly RuleId[];
  /** How it comes back, where the row says so. */
  readonly way: NonNullable<Report['recovery']>['way'] | undefined;
  /** Why no standby streams at its end. */
  readonly noStream: string | undefined;
  /** Why this machine cannot play it. */
  readonly notHere: string | undefined;
  readonly play: (release: Release) => Promise<Finding>;
}

/** The whole matrix, in the order of the groups of rules. */
export const rows: readonly Row[] = [
  ...scenarios.map((scenario) => ({
    ...common(scenario),
    command: 'preflight' as const,
    consequences: [],
    way: undefined,
    noStream: scenario.noClone,
    play: async (release: Release) => play(scenario, release),
  })),
  ...postmortemScenarios.map((scenario) => ({
    ...common(scenario),
    command: 'postmortem' as const,
    consequences: scenario.consequences ?? [],
    way: scenario.way,
    noStream: scenario.noStream,
    play: async (release: Release) => playPostmortem(scenario, release),
  })),
];

interface Said {
  readonly rule: RuleId;
  readonly name?: string;
  readonly from?: number;
  readonly to?: number;
  readonly notHere?: string | undefined;
}

function common({ rule, name, from = 0, to = Infinity, notHere }: Said) {
  return {
    rule,
    name,
    title: name === undefined ? rule : `${rule}: ${name}`,
    releases: complete.filter((major) => major >= from && major <= to),
    notHere,
  };
}

export const keyOf = ({ command, title }: Pick<Row, 'command' | 'title'>): string => `${command} ${title}`;

/** A release's share of the rows of a command: a test file each, so that two run side by side. */
export function playRows(command: Command, major: number): void {
  describe.sequential(command, () =>
    onEachRelease(
      (release) => {
        for (const row of rows.filter((one) => one.command === command)) {
          if (!isPlayedOn(row, release.major, thisTurn)) continue;
          if (row.notHere !== undefined) test.skip(`${row.title} is not played: ${row.notHere}`, () => undefined);
          else
            test(row.title, { timeout: 120_000 }, async ({ task }) => {
              const played = { row: keyOf(row), release: release.major };
              task.meta.scenario = { ...played, risk: null };
              const { remedy } = await row.play(release);
              task.meta.scenario = { ...played, risk: remedy?.risk ?? null };
            });
        }
      },
      { from: major, to: major },
    ),
  );
}

const numbers: ReadonlyMap<string, number> = new Map(
  (['preflight', 'postmortem'] as const).flatMap((command) =>
    rows.filter((row) => row.command === command).map((row, number) => [keyOf(row), number] as const),
  ),
);

/** Every other turn, on one of the releases that it is for. */
export function isPlayedOn(row: Row, major: number, turn: number | 'whole'): boolean {
  return turn === 'whole'
    ? row.releases.includes(major)
    : itsReleaseNow(row.releases, numbers.get(keyOf(row)) ?? 0, turn) === major;
}
