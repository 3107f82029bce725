import { gunzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isInNetwork, parseIpAddress, prefixMask } from '../../src/postgres/ip-address.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { OtherAddresses } from '../../src/recording/addresses.ts';
import { factsFile } from '../../src/recording/facts-file.ts';
import { redact } from '../../src/recording/redact.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { ContainerNear } from '../../src/facts/containers.ts';
import { tli } from '../rules/timelines-world.ts';
import {
  aDirectory,
  aPlan,
  anAttempt,
  anHbaRule,
  aRole,
  aSlot,
  someSettings,
  systemIdentifier,
} from '../rules/world.ts';
import { aCopy, aStandby, reportOf } from './worlds.ts';

const key = Buffer.from('a key that is random elsewhere');

const outcomes = (recording: Recording) => {
  const { verdict, findings, rules } = reportOf(recording);
  return {
    verdict,
    causes: findings
      .filter(({ causedBy }) => causedBy === null)
      .map(({ rule }) => rule)
      .toSorted(),
    rules: rules.map(({ id, outcome }) => `${id} ${outcome}`),
  };
};

describe('other addresses', () => {
  const address = fc
    .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
    .map((parts) => parts.join('.'));

  it('keep who is in which network', () =>
    fc.assert(
      fc.property(address, address, fc.nat(32), (one, other, bits) => {
        const [a, b] = [parseIpAddress(one), parseIpAddress(other)];
        if (a === undefined || b === undefined) throw new Error('it is an address');
        const mask = prefixMask(4, bits);
        const others = new OtherAddresses(key);
        // the first octet stays, but for addresses that stay as a whole
        fc.pre([a, b].every(({ value }) => value >> 24n !== 127n) || bits <= 8);
        expect(isInNetwork(others.of(a), others.ofNetwork(b, mask), mask)).toBe(isInNetwork(a, b, mask));
      }),
    ));

  it('stand in a text where the others stood', () => {
    const others = new OtherAddresses(key);
    const text = others.inText(
      'host all all 10.1.2.0/24 from 10.1.2.7, 127.0.0.1/32 0.0.0.0/0 ::1/128 fe80::1:2 15.18 20:00:00',
    );
    expect(text).toMatch(
      /^host all all 10\.\d+\.\d+\.0\/24 from 10\.\d+\.\d+\.\d+, 127\.0\.0\.1\/32 0\.0\.0\.0\/0 ::1\/128 fe80:\S+ 15\.18 20:00:00$/u,
    );
    expect(text).not.toMatch(/10\.1\.2|fe80::1:2/u);
  });
});

describe('a redacted file', () => {
  it.each([
    ['a copy', aCopy()],
    ['a standby', aStandby()],
    ['a directory that is not empty', aCopy({ targetDirectory: aDirectory({ entries: ['notes.txt'] }) })],
    [
      'an address outside of the network',
      aCopy({
        hbaRules: {
          file: '/etc/postgresql/15/main/pg_hba.conf',
          lines: [
            anHbaRule({
              address: {
                kind: 'network',
                address: parseIpAddress('10.9.0.0') ?? { family: 4, value: 0n },
                netmask: prefixMask(4, 16),
              },
              text: 'hostssl replication replicator 10.9.0.0/16 scram-sha-256',
            }),
          ],
          changedSinceLoad: false,
        },
      }),
    ],
  ])('names the same rules: %s', (_name, recording) => {
    expect(outcomes(redact(recording, key).recording)).toEqual(outcomes(recording));
  });

  it('holds none of the names, and equal stays equal', () => {
    const recording = {
      ...aCopy({
        connectionPlan: aPlan({
          hosts: [{ host: 'sirius.example.com', hostaddr: undefined, port: 5432, isSocket: false }],
          user: 'wolfram',
        }),
        replicationLogin: {
          attempts: [],
          outcome: {
            accepted: false,
            decisive: anAttempt({
              host: 'sirius.example.com',
              address: '10.77.88.99',
              outcome: {
                kind: 'refused',
                phase: 'connect',
                message: 'connection to server at "sirius.example.com" (10.77.88.99), port 5432 failed',
              },
            }),
          },
        },
        replicationRole: aRole({ name: 'wolfram' }),
        primaryPaths: {
          dataDirectory: '/srv/kestrel/My Birds/data',
          configFile: '/srv/kestrel/My Birds/data/postgresql.conf',
          hbaFile: '/srv/kestrel/My Birds/data/pg_hba.conf',
          binDirectory: undefined,
        },
      }),
      machine: 'aldebaran',
    };
    const { recording: redacted, tokens } = redact(recording, key);
    const text = gunzipSync(factsFile(redacted)).toString();
    expect(text).not.toMatch(/sirius|example|wolfram|kestrel|My Birds|aldebaran|10\.77/u);
    expect(text).toContain('"redacted":true');
    expect(text).toContain(
      `connection to server at \\"${tokens.get('sirius.example.com')}\\" (${tokens.get('10.77.88.99')})`,
    );
    expect(text).toContain(`/srv/${tokens.get('kestrel')}/${tokens.get('My Birds')}/data/pg_hba.conf`);
    expect(tokens.get('wolfram')).toMatch(/^role_\d+$/u);
  });

  it('holds none of the names that containers have in their networks', () => {
    const container: ContainerNear = {
      id: 'b'.repeat(64),
      name: 'kestrel-box',
      state: 'running',
      networks: [{ name: 'sirius_net', aliases: ['wolfram-alias'], addresses: ['172.20.0.3'] }],
      exposed: [],
      published: [],
      isOfCompose: true,
      cluster: { systemIdentifier, state: 'in production', timeline: tli(2) },
    };
    const facts = aStandby({ primariesHere: [{ container, engine: 'docker', timeline: tli(2) }] });
    const text = gunzipSync(factsFile(redact(facts, key).recording)).toString();
    expect(text).not.toMatch(/kestrel|sirius|wolfram|172\.20\.0\.3/u);
  });

  it('a slot that has the name of a host and of a directory stays what a slot may be called', () => {
    const slots = [aSlot({ name: 'kestrel', active: true })];
    const connectionPlan = aPlan({
      hosts: [{ host: 'kestrel', hostaddr: undefined, port: 5432, isSocket: false }],
      user: 'replicator',
    });
    const dataDirectory = '/srv/My Birds/kestrel';
    for (const facts of [aCopy({ connectionPlan, slots }), aCopy({ slots, connectionPlan })]) {
      const { tokens, recording } = redact({ ...facts, subject: { command: 'postmortem', dataDirectory } }, key);
      expect(tokens.get('kestrel')).toBe('name_1');
      expect(gunzipSync(factsFile(recording)).toString()).not.toContain('kestrel');
    }
  });

  it('holds no name that a container was created with, and none of a setting', () => {
    const recording = aStandby({
      standbyControl: {
        control: {
          ...{ kind: 'container', dataDirectory: '/data', name: 'pg', engine: 'docker' },
          made: {
            ...{ command: ['postgres'], image: 'sha256:0', user: undefined, compose: undefined, volumes: [] },
            options: ['--network', 'kestrel', '--hostname', 'aldebaran', '--label', 'team=wolfram'],
          },
        },
        running: true,
      },
      primarySettings: someSettings({ synchronized_standby_slots: 'sirius, altair' }),
    });
    const text = gunzipSync(factsFile(redact(recording, key).recording)).toString();
    expect(text).not.toMatch(/kestrel|aldebaran|wolfram|sirius|altair/u);
  });

  it('changes no message of the catalogue, and no id, whatever the names are', async () => {
    const { messages } = await messageCatalogue();
    const recognitions = messages.map(({ entry }) => ({
      ...{ id: entry.id, entry, cause: entry, within: entry, details: [entry] },
      text: 'role "does" at host=server',
    }));
    const { others, tokens } = redact(aCopy(), key, recognitions);
    expect(tokens.get('does')).toMatch(/^role_\d+$/u);
    expect(others.map(({ text: _text, ...rest }) => rest)).toEqual(
      recognitions.map(({ text: _text, ...rest }) => rest),
    );
  });

  it.each([
    ['ssh owl7 cat /srv/%f > %p || cp /srv/%f %p', 'ssh host-1 cat /srv/%f > %p || cp /srv/%f %p'],
    [
      'timeout 60 ssh -i /root/data -o BatchMode=yes me@owl7 cat x',
      'timeout 60 ssh -i /root/data -o BatchMode=yes role_1@host-1 cat x',
    ],
    ['scp -P 22 owl7:/srv/%f %p', 'scp -P 22 host-1:/srv/%f %p'],
    ['rsync -a %p owl7:/srv/%f', 'rsync -a %p host-1:/srv/%f'],
    ['sudo -u owl6 ssh owl7 cat /srv/%f > %p', 'sudo -u role_1 ssh host-1 cat /srv/%f > %p'],
    ['sshpass -p *** scp owl7:/srv/%f %p', 'sshpass -p *** scp host-1:/srv/%f %p'],
    ['rsync -c owl7:/srv/%f %p', 'rsync -c host-1:/srv/%f %p'],
    ['ssh -o ProxyJump=owl7 owl8 cat x', 'ssh -o ProxyJump=host-1 host-1 cat x'],
    ["su - postgres -c 'ssh owl7 cat x'", "su - postgres -c 'ssh host-1 cat x'"],
    ['pgbackrest --repo2-host=owl7 archive-get %f "%p"', 'pgbackrest --repo2-host=host-1 archive-get %f "%p"'],
    ['pgbackrest --stanza=owl7 archive-get %f "%p"', 'pgbackrest --stanza=name_1 archive-get %f "%p"'],
    ['barman-wal-restore -U owl6 owl7 owl8 %f %p', 'barman-wal-restore -U role_1 host-1 name_1 %f %p'],
    ['flock -n /srv/data ssh owl7 cat x', 'flock -n /srv/data ssh host-1 cat x'],
    ['taskset 3 gosu owl6 scp owl7:%f %p', 'taskset 3 gosu role_1 scp host-1:%f %p'],
    ['nc -w 5 owl7 9000 < %p', 'nc -w 5 host-1 9000 < %p'],
    ["lftp -e 'get %f -o %p; quit' owl7", "lftp -e 'get %f -o %p; quit' host-1"],
    ['socat - TCP:owl7:9000 > %p', 'socat - TCP:host-1:9000 > %p'],
    ['docker exec -u owl6 owl7 cat x', 'docker exec -u role_1 name_1 cat x'],
    ['test ! -f /srv/%f && cp %p /srv/%f', 'test ! -f /srv/%f && cp %p /srv/%f'],
    ['gunzip < /srv/%f.gz > %p', 'gunzip < /srv/%f.gz > %p'],
  ])('names whom a command goes to by tokens: %s', (restore_command, shown) => {
    const { others } = redact(aCopy(), key, { restore_command });
    // tokens of the copy itself come before these
    expect(others.restore_command.replaceAll(/(?<=(?:host-|role_|name_))\d+/gu, '1')).toBe(shown);
  });

  it.each([
    'DETAIL:  Connection matched pg_hba.conf line 3: "host owl1 owl2,+owl3 owl4.lan md5"',
    'DETAIL:  Connection matched file "/etc/pg_hba.conf" line 3: "local owl1 owl2 peer"',
    'LOG:  provided user name (owl1) and authenticated user name (owl2) do not match',
    'FATAL:  LDAP login failed for user "owl1" on server "owl2": Invalid credentials',
    'LOG:  recovery stopping at restore point "owl1", time 2026-11-30 13:00:00+00',
    'FATAL:  could not read certificate file "owl1.crt": Permission denied',
    'FATAL:  could not translate host name "owl1" to address: Name or service not known',
    'FATAL:  replication slot "owl1" is active for PID 33',
    'FATAL:  database "owl1" does not exist',
    "ERROR:  [055]: unable to load info file '/owl1/archive/owl2/archive.info'",
  ])('leaves no name in a message, and its words as they are: %s', (message) => {
    const { others } = redact(aCopy(), key, { message });
    expect(others.message).not.toContain('owl');
    expect(others.message.replaceAll(/(?:host|role|database|name|dir)[-_]\d+/gu, 'NAME')).toBe(
      message.replaceAll(/owl\d(?:\.lan)?/gu, 'NAME'),
    );
  });

  it.each([
    ['# the reporting server of Owl Ltd', '#'],
    ["port = 5433 # Owl's", 'port = 5433 #'],
    ["archive_command = 'test # %p' # owl", "archive_command = 'test # %p' #"],
    ['host all "a#b" 127.0.0.1/32 md5 # owl', 'host all "a#b" 127.0.0.1/32 md5 #'],
    ['port = 5433', 'port = 5433'],
  ])('leaves out what a comment says: %s', (line, shown) => {
    const { others } = redact(aCopy(), key, { lines: [line], crlf: false });
    expect(others.lines[0]?.replace(/database_\d+|role_\d+|name-\d+/u, 'a#b')).toBe(shown);
  });

  it('calls a file the same with and without its directory, and leaves its ending and what PostgreSQL calls so', () => {
    const { others } = redact(aCopy(), key, {
      entries: ['owls.conf', 'pg_hba.conf', 'postmaster.opts', 'server.key'],
      texts: [
        "include_if_exists = 'nest/owls.conf'",
        '/srv/nest/owls.conf',
        'lock file "postmaster.pid" already exists',
      ],
    });
    const [own = '', ...rest] = others.entries;
    expect(own).toMatch(/^dir-\d+\.conf$/u);
    expect(rest).toEqual(['pg_hba.conf', 'postmaster.opts', 'server.key']);
    const [include = '', path = '', message] = others.texts;
    const [directory = ''] = /dir-\d+(?=\/)/u.exec(include) ?? [];
    expect(include).toBe(`include_if_exists = '${directory}/${own}'`);
    expect(path).toBe(`/srv/${directory}/${own}`);
    expect(message).toBe('lock file "postmaster.pid" already exists');
  });

  it('reads a long word once', () => {
    const began = performance.now();
    for (const part of ['a', 'a-', 'a.', '1.', '-']) redact(aCopy(), key, part.repeat(100_000));
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is another one with another key', () => {
    const [one, other] = [redact(aCopy(), key), redact(aCopy(), Buffer.from('another'))];
    expect(one.tokens.get('10.0.0.7')).not.toBe(other.tokens.get('10.0.0.7'));
  });
});
