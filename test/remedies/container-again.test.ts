import { posix } from 'node:path';

import { describe, expect, it } from 'vitest';

import { judge } from '../../src/diagnosis/judge.ts';
import type { ContainerMade } from '../../src/hosts/engine-containers.ts';
import type { ServerControl } from '../../src/facts/primary.ts';
import { parseSystemIdentifier } from '../../src/postgres/lsn.ts';
import { startWithout } from '../../src/remedies/standby-setting.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { noWalSenders } from '../../src/rules/primary/no-wal-senders.ts';
import { wrongPassword } from '../../src/rules/role/wrong-password.ts';
import { alreadyPrimary } from '../../src/rules/standby/already-primary.ts';
import { notRunning } from '../../src/rules/standby/not-running.ts';
import { readOnly } from '../../src/rules/standby/read-only.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { wrongOwner } from '../../src/rules/standby/wrong-owner.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import {
  aControlFile,
  aDataDirectory,
  aRunningStandby,
  aStoppedDirectory,
  directory,
  healthyStandby,
} from '../rules/standby-world.ts';
import { aFileSystem, anAdminServer, aPlan, aRefusal, aRefusedLogin, someSettings } from '../rules/world.ts';

type Container = Extract<ServerControl, { readonly kind: 'container' }>;

const other = parseSystemIdentifier('42');
if (other === undefined) throw new Error('42 does not parse');

const made = (change: Partial<ContainerMade> = {}): ContainerMade => ({
  command: ['docker-entrypoint.sh', 'postgres'],
  user: undefined,
  compose: undefined,
  volumes: [{ directory, hasName: true }],
  ...change,
});
/** All of how it was made is known. */
const like = { image: 'sha256:0123456789abcdef', options: ['--network', 'shop', '-p', '5433:5432'] } as const;
const noSenders = 'number of requested standby connections exceeds "max_wal_senders" (currently 0)';
const inContainer = (change: Partial<Container> = {}, running = false): Changes => ({
  standbyControl: {
    control: { kind: 'container', dataDirectory: directory, name: 'pg', engine: 'docker', made: made(), ...change },
    running,
  },
});
const stopped: Changes = { dataDirectory: aStoppedDirectory(), runningStandby: notApplicable('no server runs') };

function told(rule: AnyRule, ...changes: readonly Changes[]): readonly string[] {
  const { result } = judge(rule, world(Object.assign({}, ...changes), healthyStandby));
  if (result.outcome !== 'failed') return [result.outcome];
  return result.faults.flatMap(({ title, message, remedy }) => [
    title ?? rule.title,
    message,
    ...(remedy?.steps ?? []).map(({ text }) => text),
  ]);
}

const ended = (exitCode: number | undefined, said: string | undefined, outOfMemory = false) => ({
  ended: { exitCode, said, outOfMemory },
});

describe('a container that ended', () => {
  it('before there was a server is not started again: its message is what is to be fixed', () => {
    const said = 'exec: "postgress": executable file not found in $PATH';
    const [title, message, step] = told(notRunning, stopped, inContainer(ended(127, said)));
    expect(title).toBe('Container "pg" does not start');
    expect(message).toContain(`exit code 127: ${said}.`);
    expect(step).toContain('docker rename pg pg-old');
  });

  it('and is started again and again, with no code of its own, as well', () => {
    const [title, message] = told(notRunning, stopped, inContainer(ended(undefined, 'exec: postgress: not found')));
    expect(title).toBe('Container "pg" does not start');
    expect(message).toContain('The container pg ended: exec: postgress: not found.');
  });

  it('for want of memory gets more', () => {
    const [title, , limit, start] = told(notRunning, stopped, inContainer(ended(137, undefined, true)));
    expect(title).toBe('Container "pg" ran out of memory');
    expect(limit).toContain('docker update --memory SIZE');
    expect(start).toContain('docker start pg');
  });

  it('by docker stop or docker kill is started', () => {
    for (const code of [0, 130, 137, 143])
      expect(told(notRunning, stopped, inContainer(ended(code, 'bye')))[0]).toBe('The server is not running');
    expect(told(notRunning, stopped, inContainer())[0]).toBe('The server is not running');
  });
});

describe('what a restart does not change', () => {
  it('is the command: the container is created again, by Compose where it has made it', () => {
    const compose = {
      service: 'db',
      project: 'shop',
      directory: '/srv/shop',
      files: [],
      program: 'docker compose',
    } as const;
    const control = (compose: ContainerMade['compose']) =>
      seen(
        {
          control: { kind: 'container', dataDirectory: directory, name: 'pg', made: made({ compose }) },
          running: true,
        } as const,
        'x',
      );
    expect(startWithout('primary_conninfo', control(undefined)).map(({ on, text }) => [on, text])).toEqual([
      ['client', expect.stringContaining('Create the container pg again with its command without primary_conninfo')],
    ]);
    const text = (given: ContainerMade['compose']) => startWithout('primary_conninfo', control(given))[0]?.text;
    expect(text(compose)).toContain('docker compose up -d db');
    const files = ['/srv/shop/docker-compose.yml', '/srv/shop/local.yml'];
    expect(text({ ...compose, files, program: 'docker-compose' })).toMatch(
      /in \/srv\/shop\/docker-compose\.yml or .* run docker-compose -p shop --project-directory \/srv\/shop -f \/srv\/shop\/docker-compose\.yml -f \/srv\/shop\/local\.yml up -d db,/u,
    );
  });

  it('is the command of the primary as well, and no ALTER SYSTEM changes it', () => {
    const primaryControl: ServerControl = {
      ...{ kind: 'container', dataDirectory: directory, name: 'first', engine: 'docker' },
      made: made({
        command: ['docker-entrypoint.sh', 'postgres', '-c', 'max_wal_senders=0', '-c', 'work_mem=8MB'],
        ...like,
      }),
    };
    const settings = (source: string) => someSettings({ max_wal_senders: { value: '0', source } });
    for (const seenSettings of [settings('command line'), undefined]) {
      const facts: Changes = {
        primaryControl,
        ...(seenSettings === undefined
          ? {
              primarySettings: unseen('not-asked', 'not asked'),
              replicationLogin: aRefusedLogin(aRefusal('wal-senders-exhausted', '53300', noSenders)),
            }
          : { primarySettings: seenSettings }),
      };
      const lines = told(noWalSenders, facts).at(-1)?.split('\n');
      expect(lines).toEqual([
        expect.stringContaining('Create the container first again with -c max_wal_senders=10 in its command'),
        'docker stop first && docker rename first first-old && docker update --restart no first-old',
        "docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' first-old | docker run -d --name first --env-file /dev/stdin --volumes-from first-old --network shop -p 5433:5432 --entrypoint docker-entrypoint.sh 0123456789ab postgres -c max_wal_senders=10 -c work_mem=8MB",
      ]);
    }
  });

  it('is deleted with a container of --rm: the new one has its volumes before', () => {
    const control = (given: Partial<ContainerMade>) =>
      seen(
        {
          control: {
            kind: 'container',
            dataDirectory: directory,
            name: 'pg',
            made: made({ isTemporary: true, ...given }),
          },
          running: true,
        } as const,
        'x',
      );
    const command = ['docker-entrypoint.sh', 'postgres', '-c', 'primary_conninfo=host=old'];
    const text = (given: Partial<ContainerMade>) => startWithout('primary_conninfo', control(given))[0]?.text ?? '';
    expect(
      text({ command, ...like })
        .split('\n')
        .slice(1),
    ).toEqual([
      "docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' pg | docker create --name pg-new --env-file /dev/stdin --volumes-from pg --network-alias pg --network shop -p 5433:5432 --entrypoint docker-entrypoint.sh 0123456789ab postgres",
      'docker stop pg && docker start pg-new',
    ]);
    // of how it was made not all is known
    expect(text({ command })).not.toContain('docker stop');
    expect(text({ command })).toContain('docker create --name pg-new --volumes-from pg');
    // what may be a password is not printed
    const secret = text({ command: [...command, '-c', 'primary_conninfo=password=x', '-c', 'a.token=x'], ...like });
    expect(secret).not.toContain('=x');
  });

  it('is the environment: a password that it has is corrected there', () => {
    const facts: Changes = {
      replicationLogin: aRefusedLogin(
        aRefusal('password-refused', '28P01', 'password authentication failed for user "replicator"'),
      ),
      connectionPlan: aPlan({ password: { ...aPlan().password, from: 'environment', words: 'PGPASSWORD' } }),
    };
    expect(told(wrongPassword, facts, inContainer({}, true))[2]).toMatch(
      /^Create the container pg again with the correct password in PGPASSWORD \(quotation marks/u,
    );
    expect(told(wrongPassword, facts)[2]).toContain('restart the server');
  });

  it('is how a volume is mounted', () => {
    const readOnlyThere = aStoppedDirectory({ fileSystem: { ...aFileSystem, readOnly: true } });
    const [, , step, ...more] = told(readOnly, { ...stopped, dataDirectory: readOnlyThere }, inContainer());
    expect(step).toContain('without :ro');
    expect(more).toEqual([]);
    expect(told(readOnly, { ...stopped, dataDirectory: readOnlyThere }).join('\n')).toContain('mount -o remount,rw');
  });
});

describe('the user of a container', () => {
  const user = (uid: number, name: string) => ({
    standbyServerUser: { uid, gid: uid, name, home: undefined, canActAs: true, given: true } as const,
  });

  it('has to own the data, whoever they are of', () => {
    const [, message, step] = told(wrongOwner, stopped, inContainer(), user(999, 'postgres'));
    expect(message).toContain('its container runs the server as postgres');
    expect(step).toBe(`As root: chown -R postgres: ${directory}`);
    expect(told(wrongOwner, stopped, inContainer(), user(1000, '1000'))[2]).toBe(
      `As root: chown -R 1000:1000 ${directory}`,
    );
    expect(told(wrongOwner, stopped, inContainer(), user(105, 'postgres'))).toEqual(['passed']);
    expect(told(wrongOwner, stopped, inContainer())).toEqual(['passed']);
  });
});

describe('a container on a cluster that its entrypoint made', () => {
  const primary: Changes = {
    dataDirectory: aDataDirectory({
      signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
      backupLabelOld: undefined,
      manifest: 'absent',
    }),
    runningStandby: aRunningStandby({ inRecovery: false }),
    standbyConninfo: notApplicable('primary_conninfo is not set'),
    standbyConfiguration: notApplicable('not read'),
    controlFile: aControlFile({ state: 'in production' }),
  };
  const foreign = { adminServer: anAdminServer({ systemIdentifier: other, identity: { is: 'another-cluster' } }) };
  const beside = (hasStandbySignal: boolean) => ({ others: [{ path: '/var/lib/postgresql/data', hasStandbySignal }] });
  const noName = { made: made({ volumes: [{ directory, hasName: false }] }) };

  it('is led to the data of the standby', () => {
    const [title, , step] = told(alreadyPrimary, primary, inContainer(beside(true), true));
    expect(title).toBe('Container "pg" runs on a new cluster, not on the standby\'s data');
    expect(step).toContain('PGDATA=/var/lib/postgresql/data');
    expect(told(alreadyPrimary, primary, inContainer(noName, true), foreign)[2]).toContain('docker volume ls');
  });

  it('is led to the volume one level up, which another one hides, in whatever order they are listed', () => {
    const volumes = [
      { directory: posix.dirname(directory), hasName: true },
      { directory, hasName: false },
    ];
    for (const listed of [volumes, volumes.toReversed()]) {
      const facts = inContainer({ made: made({ volumes: listed }) }, true);
      const [, message, step] = told(alreadyPrimary, primary, facts, foreign);
      expect(message).toContain(`The volume at ${posix.dirname(directory)} has a name, and gets nothing`);
      expect(step).toContain(`the one that is now at ${posix.dirname(directory)}, mounted at ${directory}`);
    }
  });

  it('in memory gets a volume before a copy', () => {
    const onTmpfs = { dataDirectory: { ...primary.dataDirectory, fileSystem: { ...aFileSystem, type: 'tmpfs' } } };
    const inMemory = inContainer({ made: made({ volumes: [] }) }, true);
    const [title, , volume, copy] = told(alreadyPrimary, primary, onTmpfs as Changes, inMemory, foreign);
    expect(title).toBe('The data of the container "pg" are in memory');
    expect(volume).toContain(`with a volume at ${directory} in place of the tmpfs`);
    expect(copy).toContain('standbylint clone');
    expect(told(alreadyPrimary, primary, onTmpfs as Changes, inMemory)[0]).toBe('This server is a primary');
  });

  it('is no other primary’s', () => {
    for (const facts of [inContainer({}, true), inContainer(beside(false), true), inContainer(noName, true)])
      expect(told(alreadyPrimary, primary, facts)[0]).toBe('This server is a primary');
  });
});
