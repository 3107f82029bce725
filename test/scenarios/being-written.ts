import { access, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { processesIn } from '../lab/processes.ts';
import type { Primary } from '../lab/primary.ts';
import { until } from '../lab/until.ts';
import type { PostmortemScenario } from './postmortem.ts';
import type { Scenario } from './scenario.ts';

/** Copies that have begun, by their directories; each goes on when it is told to. */
const begun = new Map<string, Promise<void>>();

/** Its second process, which receives WAL, has the same arguments. */
async function signalled({ dataDirectory }: ThrowawayServer, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  for (const line of await processesIn(`-D ${dataDirectory} `)) {
    const [, pid, program = ''] = /^(\d+) (\S+)/u.exec(line) ?? [];
    if (program.endsWith('/pg_basebackup')) process.kill(Number(pid), signal);
  }
}

/** pg_basebackup is in the middle of it: it is held up, so that whoever looks finds it there. */
async function begin(server: ThrowawayServer, { server: from, conninfo, password }: Primary): Promise<void> {
  const copy = server.copyFrom(from, { conninfo: `${conninfo} password='${password}'`, more: ['-r', '4M'] });
  begun.set(server.dataDirectory, copy);
  copy.catch(() => undefined);
  await until('it copies', () =>
    access(join(server.dataDirectory, 'base')).then(
      () => true,
      () => null,
    ),
  );
  await signalled(server, 'SIGSTOP');
}

async function finish(server: ThrowawayServer): Promise<void> {
  await signalled(server, 'SIGCONT');
  await begun.get(server.dataDirectory);
}

const rule = 'platform/directory-being-written';

/** A base backup goes on where somebody looks. */
export const copyGoesOnPostmortem: PostmortemScenario = {
  rule,
  name: 'a base backup that goes on',
  fault: async ({ primary, standby }) => {
    await standby.stop();
    await rename(standby.dataDirectory, `${standby.dataDirectory}.old`);
    await begin(standby, primary);
  },
  consequences: ['standby/incomplete-backup', 'standby/not-running'],
  byHand: async (_step, { standby }) => finish(standby),
  afterSteps: async ({ standby }) => standby.start(),
  cleanUp: async ({ standby }) => signalled(standby, 'SIGCONT'),
};

/** Another one goes to the same place. */
export const copyGoesOnPreflight: Scenario = {
  rule,
  name: 'another base backup goes to the same place',
  fault: async ({ primary, place }) => begin(place, primary),
  byHand: async (_step, { place }) => {
    await finish(place);
    await rename(place.dataDirectory, `${place.dataDirectory}.old`);
  },
  cleanUp: async ({ place }) => signalled(place, 'SIGCONT'),
};
