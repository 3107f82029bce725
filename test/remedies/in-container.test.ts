import { execFileSync } from 'node:child_process';

import { assert as holds, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Step } from '../../src/findings/report.ts';
import { copyFromOutside, forItsNetwork, stepsFromOutside } from '../../src/remedies/in-container.ts';
import { asRoot, manual, shell, sql } from '../../src/remedies/remedy.ts';
import { passwordSet } from '../../src/remedies/role.ts';
import { start as startServer } from '../../src/remedies/server-control.ts';

const container = {
  kind: 'container',
  engine: 'docker',
  name: 'pg',
  state: 'running',
  image: 'sha256:0123456789abcdef',
  network: 'net',
  superuser: 'postgres',
} as const;
const beside = 'docker run --rm --volumes-from pg --network net -u postgres --entrypoint sh 0123456789ab -c';

const texts = (steps: readonly Step[], state: 'running' | 'stopped' | 'restarting' = 'running') =>
  stepsFromOutside(steps, { ...container, state }, 'postgres').map(({ on, kind, text }) => [on, kind, text]);

describe('steps for a container', () => {
  const touch = shell('standby', 'touch /data/standby.signal', 'make-file', '/data/standby.signal');
  const start = manual('standby', 'Start the container.');
  const starts: Step = { ...start, does: 'start' };
  const stops: Step = { ...start, does: 'stop' };

  it('are taken in it while it runs', () => {
    expect(texts([touch, sql('standby', 'SELECT pg_reload_conf();', 'reload')])).toEqual([
      ['client', 'shell', 'docker exec -u postgres pg touch /data/standby.signal'],
      ['client', 'shell', "docker exec -u postgres pg psql -X -U postgres -d postgres -c 'SELECT pg_reload_conf();'"],
    ]);
  });

  it('change a file that is mounted from this machine on this machine', () => {
    const file = '/etc/postgresql/postgresql.conf';
    const text = `cp -p ${file} ${file}.before && echo 'a = b' >> ${file}`;
    const step: Step = {
      on: 'standby',
      kind: 'shell',
      does: 'edit-file',
      text,
      edit: { file, copy: `${file}.before`, changes: [] },
    };
    const told = (binds: readonly { readonly source: string; readonly destination: string }[], from = step) =>
      stepsFromOutside([from], { ...container, binds }, 'postgres').map((one) => one.text);
    const here = '/srv/pg.conf';
    const typed = `cp -p ${here} ${here}.before && echo 'a = b' >> ${here}`;
    expect(told([{ source: here, destination: file }])).toEqual([typed]);
    expect(told([{ source: '/srv', destination: '/etc/postgresql' }])).toEqual([
      typed.replaceAll(here, '/srv/postgresql.conf'),
    ]);
    // what a shell would take apart, or is another file
    for (const bind of [
      { source: '/srv/my conf', destination: file },
      { source: '/srv', destination: '/etc/postgres' },
    ])
      expect(told([bind])).toEqual([`docker exec -u postgres pg sh -c '${text.replaceAll("'", String.raw`'\''`)}'`]);
    const others = new Map([
      ['10.0.0.2', { name: 'db', superuser: 'postgres', binds: [{ source: here, destination: file }] }],
    ]);
    expect(
      stepsFromOutside([{ ...step, on: 'primary' }], container, 'postgres', others.get('10.0.0.2')).map(
        (one) => one.text,
      ),
    ).toEqual([typed]);
  });

  it('that a person decides on name what stops it there', () => {
    const stop = "pg_ctl stop -D '/my data' -m fast";
    expect(texts([{ ...manual('client', `Stop it first: ${stop}`), stop }])).toEqual([
      ['client', 'manual', 'Stop it first: docker stop pg'],
    ]);
  });

  it('that root types are told by what they say, and not by how their sentence begins', () => {
    expect(
      texts([asRoot('standby', 'chattr -i /data/x', 'run'), manual('standby', 'As root: mount /x, or not.')]),
    ).toEqual([
      ['client', 'shell', 'docker exec -u root pg chattr -i /data/x'],
      ['standby', 'manual', 'As root: mount /x, or not.'],
    ]);
  });

  it('start it with settings of this one start by hand alone', () => {
    expect(texts([startServer('standby', { kind: 'unknown' }, { ignore_invalid_pages: 'on' })])).toEqual([
      ['standby', 'manual', 'Start the PostgreSQL server, this once with -c ignore_invalid_pages=on.'],
    ]);
    expect(texts([startServer('standby', { kind: 'unknown' })])).toEqual([['client', 'shell', 'docker start pg']]);
  });

  it('are taken beside it while it does not', () => {
    expect(texts([touch, starts, touch], 'stopped').map(([, , text]) => text)).toEqual([
      `${beside} 'touch /data/standby.signal'`,
      'docker start pg',
      'docker exec -u postgres pg touch /data/standby.signal',
    ]);
    expect(texts([stops, touch]).map(([, , text]) => text)).toEqual([
      'docker stop pg',
      `${beside} 'touch /data/standby.signal'`,
    ]);
  });

  it('stop first what Docker starts again and again, where more than a start is typed', () => {
    expect(texts([touch, starts], 'restarting').map(([, , text]) => text)).toEqual([
      'docker stop pg',
      `${beside} 'touch /data/standby.signal'`,
      'docker start pg',
    ]);
    expect(texts([starts], 'restarting').map(([, , text]) => text)).toEqual(['docker restart pg']);
  });

  it('of root are root’s there', () => {
    expect(texts([asRoot('standby', 'chown -R postgres /data', 'change-owner', '/data')])).toEqual([
      ['client', 'shell', 'docker exec -u root pg chown -R postgres /data'],
    ]);
  });

  it('of a primary in a container are taken in that', () => {
    const primary = { name: 'first', superuser: 'admin' };
    const steps = [
      shell('primary', "echo 'host all' >> /data/pg_hba.conf", 'edit-file', '/data/pg_hba.conf'),
      sql('primary', 'SELECT pg_reload_conf();', 'reload'),
      passwordSet('replicator'),
      { ...manual('primary', 'Restart the PostgreSQL server.'), does: 'restart' as const },
      manual('primary', 'Ask its owner.'),
    ];
    expect(stepsFromOutside(steps, container, 'postgres', primary).map(({ on, text }) => [on, text])).toEqual([
      ['client', String.raw`docker exec -u postgres first sh -c 'echo '\''host all'\'' >> /data/pg_hba.conf'`],
      ['client', "docker exec -u postgres first psql -X -U admin -d postgres -c 'SELECT pg_reload_conf();'"],
      [
        'client',
        String.raw`docker exec -it -u postgres first psql -X -U admin -d postgres -c 'SET password_encryption = '\''scram-sha-256'\'';' -c '\password replicator'`,
      ],
      ['client', 'docker restart first'],
      ['primary', 'Ask its owner.'],
    ]);
    const [, , , restarted] = stepsFromOutside(steps, container, 'postgres', primary);
    expect(restarted?.server).toBe('primary');
  });

  it('hand backslash commands to psql by its input, and names by a variable: -c takes no SQL beside them', () => {
    const [gexec, password] = stepsFromOutside(
      [sql('standby', String.raw`SELECT 'SELECT 1' \gexec`, 'set-configuration'), passwordSet('a\u0001"b')],
      container,
      'postgres',
      { name: 'first', superuser: 'postgres' },
    );
    expect(gexec?.text).toBe(
      String.raw`printf '%s\n' 'SELECT '\''SELECT 1'\'' \gexec' | docker exec -i -u postgres pg psql -X -U postgres -d postgres`,
    );
    expect(password?.text).toContain(String.raw`-c '\password :"role"'`);
    expect(password?.text).toContain(' -v role=');
    expect(password?.text).not.toContain('gset');
  });

  it('make a standby: the copy and the start, and a stop before where it is started again and again', () => {
    const line = 'pg_basebackup -h first -U replicator -D /data';
    expect(copyFromOutside(line, { ...container, state: 'stopped' }, 'environment', '/data')).toEqual([
      `docker run --rm -e PGPASSWORD --volumes-from pg --network net -u postgres --entrypoint sh 0123456789ab -c '${line}'`,
      'docker start pg',
    ]);
    expect(copyFromOutside(line, { ...container, state: 'restarting' }, 'known', '/data')[0]).toBe('docker stop pg');
  });

  it('let a container in from its network: it has another address at its next start', () => {
    const line = 'host replication rep 172.18.0.4/32 scram-sha-256';
    const step: Step = {
      ...shell('primary', `echo '${line}' >> /data/pg_hba.conf`, 'edit-file', '/data/pg_hba.conf'),
      edit: { file: '/data/pg_hba.conf', copy: '/data/x', changes: [{ act: 'append', text: line }] },
    };
    const lasting = 'host replication rep samenet scram-sha-256';
    expect(forItsNetwork(step).text).toContain(lasting);
    expect(forItsNetwork(step).edit?.changes).toEqual([{ act: 'append', text: lasting }]);
    const written: Step = {
      ...step,
      edit: {
        file: '/data/pg_hba.conf',
        copy: '/data/x',
        changes: [{ act: 'replace', line: 1, was: 'x', text: line }],
      },
    };
    expect(forItsNetwork(written)).toBe(written);
    // a line that a person adds is for the next start, too
    expect(forItsNetwork(manual('primary', `Add this line:\n${line}`)).text).toBe(`Add this line:\n${lasting}`);
  });

  it('of the primary and of a person stay what they are', () => {
    const steps = [shell('primary', 'ls', 'look'), manual('standby', 'Ask for what this host can give.')];
    expect(texts(steps)).toEqual([
      ['primary', 'shell', 'ls'],
      ['standby', 'manual', 'Ask for what the container pg can give.'],
    ]);
  });

  it('reach the shell in it as they were, whatever is in them', () => {
    // docker hands its words on as they are: here a function stands in for it
    const docker = String.raw`docker() { shift 4; "$@"; }; `;
    holds(
      property(string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const word = text.replaceAll('\0', '');
        const command = `printf %s '${word.replaceAll("'", String.raw`'\''`)}'`;
        const [printed] = texts([shell('standby', command, 'look')]);
        expect(execFileSync('sh', ['-c', `${docker}${printed?.[2] ?? ''}`]).toString()).toBe(word);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is in no volume of a container', () => {
  const made = {
    command: ['docker-entrypoint.sh', 'postgres'],
    user: undefined,
    compose: undefined,
    volumes: [{ directory: '/data', hasName: true }],
  };
  const step = shell('standby', 'mkdir /wal/pg_wal', 'make-directory', '/wal/pg_wal');
  const told = (state: 'running' | 'stopped', text = step) =>
    stepsFromOutside([text], { ...container, made, state }, 'postgres').map(({ kind }) => kind);

  it('is not changed in a container beside it, with which the change would be gone', () => {
    expect(told('stopped')).toEqual(['manual']);
    const [first] = stepsFromOutside([step], { ...container, made, state: 'stopped' }, 'postgres');
    expect(first?.text).toContain('/wal/pg_wal is in none of the volumes of container pg');
    expect(first?.text).toContain('docker rename pg pg-old');
    expect(told('running')).toEqual(['shell']);
    expect(
      told('stopped', shell('standby', 'touch /data/standby.signal', 'make-file', '/data/standby.signal')),
    ).toEqual(['shell']);
  });
});

describe('a container of --rm', () => {
  const made = {
    command: ['docker-entrypoint.sh', 'postgres'],
    image: container.image,
    options: ['--network', 'net'],
    isTemporary: true,
    user: undefined,
    compose: undefined,
    volumes: [{ directory: '/data', hasName: true }],
  };
  const temporary = { ...container, made };
  const line =
    "docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' pg | docker create --name pg-kept --env-file /dev/stdin --volumes-from pg --network-alias pg --network net --entrypoint docker-entrypoint.sh 0123456789ab postgres";
  const stops: Step = { ...shell('standby', 'pg_ctl stop -D /data', 'stop', '/data') };
  const moves = shell('standby', 'mv /data/a /data/b', 'move-aside', '/data/a');
  const starts: Step = { ...shell('standby', 'pg_ctl start -D /data', 'start', '/data') };

  it('is not stopped before another one has its volumes, in which all goes on', () => {
    const [stopped, ...more] = stepsFromOutside([stops, moves, starts], temporary, 'postgres');
    expect([stopped?.kind, stopped?.text.split('\n').slice(1)]).toEqual(['manual', [line, 'docker stop pg']]);
    expect(more.map(({ text }) => text)).toEqual([
      `${beside.replace('--volumes-from pg ', '--volumes-from pg-kept ')} 'mv /data/a /data/b'`,
      'docker start pg-kept',
    ]);
    // a restart keeps it
    const restarts: Step = { ...starts, does: 'restart' };
    expect(stepsFromOutside([restarts], temporary, 'postgres').map(({ text }) => text)).toEqual(['docker restart pg']);
  });

  it('is not stopped by the lines of a copy either', () => {
    expect(copyFromOutside('pg_basebackup -D /data', { ...temporary, pgdata: '/data' }, 'known', '/data')).toEqual([
      line,
      'docker stop pg',
      `${beside.replace('--volumes-from pg ', '--volumes-from pg-kept ')} 'pg_basebackup -D /data'`,
      'docker start pg-kept',
    ]);
  });
});
