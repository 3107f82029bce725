import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import type { Report, Step } from '../../src/findings/report.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { untilStreaming } from '../lab/pair.ts';
import { onlyRoot } from './here.ts';
import { whileDown } from './postmortem-data-directory.ts';
import { own } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** Two servers on one storage: whatever leads there, the standby is not started on it and nothing of it is moved. */
export const storagePostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'standby/shared-storage',
    name: "a tablespace's link leads to the primary's tablespace",
    fault: async (stage) => {
      await withTablespace(stage);
      await whileDown(`ln -sfn ${theirs(stage)} pg_tblspc/*`)(stage);
    },
    told: touchesNothing,
    byHand: onNewDirectory,
  },
  {
    rule: 'standby/shared-storage',
    name: "pg_wal is a link to the primary's pg_wal",
    fault: async (stage) =>
      whileDown(`mv pg_wal ../wal-of-its-own && ln -s ${stage.primary.server.dataDirectory}/pg_wal pg_wal`)(stage),
    told: touchesNothing,
    byHand: onNewDirectory,
  },
  {
    rule: 'standby/shared-storage',
    name: 'the standby runs on a tablespace that is mounted twice',
    notHere: onlyRoot('mount a directory'),
    fault: async (stage) => {
      await withTablespace(stage);
      await stage.standby.stop();
      await execa('mount', ['--bind', theirs(stage), ours(stage)]);
      await stage.standby.start();
      await untilStreaming(stage.standby);
    },
    told: touchesNothing,
    byHand: onNewDirectory,
    cleanUp: async (stage) => execa('umount', ['-l', ours(stage)], { reject: false }),
  },
  {
    rule: 'standby/shared-storage',
    name: 'a copy made by cp has the links of the primary, which is stopped',
    besides: ['network/connection-refused'],
    admin: null,
    fault: async (stage) => {
      const { primary, standby } = stage;
      await withTablespace(stage);
      await standby.stop();
      await primary.server.stop();
      const conninfo = `${primary.conninfo} password='${primary.password}'`;
      await standby.run('sh', [
        '-c',
        `mv data data.before && cp -a ${primary.server.dataDirectory} data && touch data/standby.signal`,
      ]);
      await standby.listenLocally();
      await standby.configure({ primary_conninfo: conninfo });
    },
    told: async (report, stage) => {
      await touchesNothing(report);
      await stage.primary.server.start();
    },
    byHand: onNewDirectory,
  },
];

const theirs = ({ primary }: PairStage): string => join(primary.server.folder, 'space');
const ours = ({ standby }: PairStage): string => join(standby.folder, 'space');

/** Both have a tablespace, each in its own folder. */
async function withTablespace(stage: PairStage): Promise<void> {
  const { primary, standby } = stage;
  await standby.stop();
  await mkdir(theirs(stage));
  await own(primary.server, theirs(stage));
  await primary.server.psql(`CREATE TABLESPACE space LOCATION ${literal(theirs(stage))}`);
  await primary.server.psql('CREATE TABLE in_space (n int) TABLESPACE space');
  await standby.run('rm', ['-r', standby.dataDirectory]);
  await standby.copyFrom(primary.server, {
    conninfo: `${primary.conninfo} password='${primary.password}'`,
    more: [`--tablespace-mapping=${theirs(stage)}=${ours(stage)}`],
  });
  await standby.start();
  await untilStreaming(standby);
}

/** No step of the report starts the server where it is, or moves or overwrites anything of it. */
async function touchesNothing({ findings, plan, recovery }: Report): Promise<void> {
  const steps = [
    ...findings.flatMap(({ remedy }) => [
      ...(remedy?.steps ?? []),
      ...(remedy?.alternatives ?? []).flatMap((one) => one.steps),
    ]),
    ...plan.steps.map(({ step }) => step),
    ...(recovery?.steps ?? []),
  ];
  expect(steps.map(({ does }) => does)).not.toContain('start');
  expect(steps.filter(({ does }) => /^(?:restart|move-aside|rewind|put-back|change-)/u.test(does))).toEqual([]);
}

/** What the person does who reads that the server has a new directory. */
async function onNewDirectory(step: Step, { standby }: PairStage): Promise<void> {
  const [, directory] = /^Run the server of this standby on (\S+) from now on/u.exec(step.text) ?? [];
  if (directory === undefined) {
    expect(step.text).toMatch(/pg_amcheck/u);
    return;
  }
  await rename(standby.dataDirectory, `${standby.dataDirectory}.never`);
  await rename(directory, standby.dataDirectory);
  await standby.listenLocally();
  await standby.start();
}
