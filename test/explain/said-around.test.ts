import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

const answersTo = async (text: string) => (await explained(text)).filter(isAnswer);

describe('what somebody says around a message', () => {
  const slot = 'FATAL:  could not start WAL streaming: ERROR:  replication slot "two" does not exist';

  it.each([
    ['Patroni is not used here.', false],
    ['We run without Patroni, repmgr or pgpool.', false],
    ["We don't use Patroni.", false],
    ['We use Patroni.', true],
    ['Patroni is not running on the second node.', true],
    ['We replaced repmgr with Patroni.', true],
  ])('%s', async (said, ofPatroni) => {
    const [first] = await answersTo(`${said}\n\n${slot}`);
    expect(JSON.stringify(first).includes('Patroni makes the slots')).toBe(ofPatroni);
  });

  it.each([
    'There is a WARNING:  database "shop" has a collation version mismatch, which I ignore. The problem is:\nFATAL:  password authentication failed for user "copier"',
    'The WARNING:  database "shop" has a collation version mismatch can be ignored.\nFATAL:  password authentication failed for user "copier"',
  ])('what is set aside is not told: %s', async (text) => {
    const said = await answersTo(text);
    expect(said.map(({ message }) => message).join()).not.toContain('collation');
    expect(said[0]?.text).toContain('password authentication failed');
  });

  it('what is set aside is told where nothing else is', async () => {
    const said = await answersTo('WARNING:  database "shop" has a collation version mismatch, which I ignore.');
    expect(said).not.toEqual([]);
  });

  it.each([
    'ok 4 - refused as expected: connection to server at "127.0.0.1", port 5999 failed: Connection refused',
    '# expecting: FATAL:  could not connect to the primary server',
    'expect(log).toContain("requested WAL segment 000000010000000000000003 has already been removed")',
    '  ✓ password authentication failed for user "copier"',
    'PASS  FATAL:  password authentication failed for user "copier"',
  ])('a test that waited for it is no fault: %s', async (text) => {
    expect(await answersTo(`${text}\nAll tests successful.`)).toEqual([]);
  });

  it('what a test did not wait for is one', async () => {
    const log = 'ok 1 - started\nFATAL:  password authentication failed for user "copier"\nnot ok 2 - streams';
    expect((await answersTo(log))[0]?.text).toContain('password authentication failed');
  });

  it('takes messages within a sentence apart', async () => {
    const [first] = await answersTo(
      'LOG:  entering standby mode ... then FATAL:  hot standby is not possible because wal_level was not set to "replica" or higher on the primary server',
    );
    expect(first?.text).toMatch(/^hot standby is not possible/u);
    // what a message carries stays in it
    const [carried] = await answersTo(slot);
    expect(carried?.text).toContain('replication slot "two" does not exist');
  });

  const entries = (times: readonly [string, string], processes: readonly [number, number]): string =>
    [
      `2024-02-02 12:10:${times[0]} UTC [${processes[0]}] LOG:  started streaming WAL from primary at 0/7000000 on timeline 1`,
      `2024-02-02 12:10:${times[1]} UTC [${processes[1]}] FATAL:  could not connect to the primary server: connection to server at "10.0.0.1", port 5432 failed: Connection refused`,
    ].join('\n');

  it.each([
    ['the newest entry first', entries(['09', '01'], [77, 71]), true],
    ['below what somebody says', `This is all there is:\n${entries(['09', '01'], [77, 71])}\n\nIs it well?`, true],
    ['the oldest entry first', entries(['01', '09'], [71, 77]), false],
    ['of two servers', entries(['09', '01'], [77, 71]).replace('\n', '\n\nThe other one:\n'), false],
  ])('two entries, %s', async (_, text, over) => {
    const refused = (await answersTo(text)).find((one) => one.text.includes('refused'));
    expect(refused?.over).toBe(over);
  });
});

describe('what else shows a fault', () => {
  it.each([
    [
      'Deployment: 3 replicas',
      'kind: Deployment\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - image: postgres:15\n          volumeMounts:\n            - mountPath: /var/lib/postgresql/data\n      volumes:\n        - persistentVolumeClaim:\n            claimName: pg',
    ],
    [
      'StatefulSet: 2 replicas',
      'kind: StatefulSet\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - image: postgres:15\n          volumeMounts:\n            - mountPath: /var/lib/postgresql/data\n  volumeClaimTemplates:\n    - metadata:\n        name: data',
    ],
    [
      'RUN rm',
      'FROM postgres:15\nRUN rm -rf /data/* && pg_basebackup -h primary -U copier -D /data -R\nCMD ["postgres"]',
    ],
    ['rm -f 00000001', ' 11  cd /srv/pg/pg_wal\n 12  ls | wc -l\n 13  rm -f 0000000100000012*'],
    [
      'ls -l /srv/postgresql',
      '$ ls -la /srv/postgresql\ndrwxr-xr-x 3 root root 4096 Mar 3 10:02 .\ndrwx------ 19 root root 4096 Mar 3 10:05 data',
    ],
    [
      'Database system identifier',
      'a$ pg_controldata\nDatabase system identifier:           7012345678901234567\nb$ pg_controldata\nDatabase system identifier:           7098765432109876543',
    ],
    [
      'positions of the WAL',
      'primary: pg_current_wal_lsn() = 1A/3C000000\nstandby: pg_last_wal_receive_lsn() = 19/11000000',
    ],
    ['0.0.0.0:5433', 'refused at port 5432.\ntcp 0 0 0.0.0.0:5433 0.0.0.0:* LISTEN 1234/postgres'],
  ])('%s', (begins, text) => {
    const [first] = shapesIn(text);
    expect(first?.text.startsWith(begins)).toBe(true);
    expect(first?.candidates[0]?.rule).not.toBeNull();
  });

  it.each([
    // one server, or one that copies before it starts
    'kind: Deployment\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - image: redis\n          volumeMounts:\n            - mountPath: /data\n      volumes:\n        - persistentVolumeClaim:\n            claimName: pg',
    'a$ pg_controldata\nDatabase system identifier:           7012345678901234567\nb$ pg_controldata\nDatabase system identifier:           7012345678901234567',
    'pg_last_wal_receive_lsn() = 19/11000000, pg_last_wal_replay_lsn() = 19/11000000',
    ' 11  cd /srv/pg\n 12  rm -f *.log',
  ])('and what shows none: %s', (text) => {
    expect(shapesIn(text)).toEqual([]);
  });

  it('says where the time is lost', () => {
    const lags = (write: string, flush: string, replay: string): string =>
      JSON.stringify(
        shapesIn(`application_name,state,write_lag,flush_lag,replay_lag\nwest,streaming,${write},${flush},${replay}`),
      );
    expect(lags('00:00:00.1', '00:00:00.1', '00:15:22')).toContain('replayed late');
    expect(lags('00:00:00.1', '00:15:00', '00:15:22')).toContain('written late');
    expect(lags('00:15:00', '00:15:00', '00:15:22')).toContain('arrives late');
    expect(lags('00:00:00.1', '00:00:00.1', '00:00:00.2')).not.toContain('behind');
  });
});
