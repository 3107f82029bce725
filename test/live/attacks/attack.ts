import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../../src/throwaway/throwaway-server.ts';
import type { Report } from '../../../src/findings/report.ts';
import type { StandbylintResult } from '../../lab/standbylint.ts';
import { until } from '../../lab/until.ts';
import type { AttackStage } from './stage.ts';

/** A set-up in which something unsafe is the obvious step of `--fix --yes`. */
export interface Attack {
  readonly name: string;
  /** Only root can make it, or is led into it. */
  readonly root?: true;
  readonly from?: number;
  readonly make: (stage: AttackStage) => Promise<Made>;
}

export interface Made {
  /** What is called behind `--fix --yes`. */
  readonly call: readonly string[];
  /** Whose state is taken before and after: servers, and data directories that are none's. */
  readonly watched: Readonly<Record<string, ThrowawayServer | string>>;
  readonly outside?: readonly string[];
  /** What may differ; nothing when absent. */
  readonly mayChange?: RegExp;
  /** Goes on while it runs; what it gives ends it. */
  readonly meanwhile?: () => () => Promise<void>;
  readonly environment?: Readonly<Record<string, string>>;
  /** In front of the program: another namespace. */
  readonly within?: readonly string[];
  readonly after?: (result: StandbylintResult) => Promise<void>;
}

export const appliedIn = ({ applied }: Report): readonly string[] => (applied ?? []).map(({ step }) => step.text);
export const postmortem = (directory: string, admin: string, ...more: readonly string[]): readonly string[] => [
  ...['postmortem', '-D', directory, '--admin', admin, '--disruptive', '--fail-on', 'warning', ...more],
];

export const adminOf = (server: ThrowawayServer): string =>
  `host=${server.folder} port=${server.port} user=postgres dbname=postgres`;

/** Gives a stopped standby settings, behind which nothing comes. */
export const auto = async (directory: string, settings: Readonly<Record<string, string>>): Promise<void> =>
  appendFile(
    join(directory, 'postgresql.auto.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
      .join(''),
  );

export const conninfoTo = ({ primary }: AttackStage, where: string): string =>
  `${where} user=${primary.role} password='${primary.password}'`;

export const started = async (server: ThrowawayServer): Promise<void> => {
  await server.start();
  await until('it lets sessions in', async () => ((await server.query('SELECT 1')).length === 1 ? true : null));
};

export const preflight = (
  { primary }: AttackStage,
  directory: string,
  ...more: readonly string[]
): readonly string[] => [
  ...['preflight', '--disruptive', '--admin', primary.admin, ...primary.connection],
  ...['-D', directory, '-X', 'stream', '-R', '-c', 'fast', '-w', ...more],
];
