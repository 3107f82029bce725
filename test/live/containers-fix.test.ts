import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readJournal } from '../../src/fixes/read-journal.ts';
import { aContainerPair, data, image, primary, standby } from '../lab/container-pair.ts';
import { roots } from '../lab/standbylint.ts';
import type { ContainerPair, Json } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import { until } from '../lab/until.ts';

let pair: ContainerPair;
let folder = '';
/** As Docker's users log in: over the server's own socket in its container. */
const admin = ['--admin', `docker:${primary}`, '--timeout', '20'];
let journals = 0;

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('--fix in a container', { timeout: 400_000 }, () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'standbylint-journal-'));
      pair = await aContainerPair(15);
    }, 240_000);
    afterAll(async () => {
      await pair.here.end();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    const fix = async (...more: readonly string[]): Promise<{ readonly json: Json; readonly journal: string }> => {
      const journal = join(folder, `${(journals += 1)}.jsonl`);
      const { json } = await pair.postmortem(undefined, ...admin, '--fix', '--yes', '--fix-journal', journal, ...more);
      return { json, journal };
    };
    const done = ({ applied }: Json): readonly string[] =>
      (applied ?? []).map(({ step, outcome }) => `${outcome} ${step.text}`);
    const journalled = async (journal: string) => {
      const read = readJournal(await readFile(journal, 'utf8'));
      if (!read.ok) throw new Error(read.because);
      return read.journal;
    };

    test('that runs: what is printed is done, and taken back', async () => {
      const { here, within, streams, look, postmortem } = pair;
      await within(standby, `sed -i s/port=5432/port=5433/ ${data}/postgresql.auto.conf`);
      await here.docker('restart', standby);
      const dry = await postmortem(undefined, ...admin, '--fix', '--dry-run');
      const planned = dry.json.fixes?.flatMap(({ steps }) => steps) ?? [];
      expect(planned[0]?.as).toBe(`postgres, in a shell in the container ${standby}`);
      expect(planned[0]?.diff?.join('\n')).toMatch(/-primary_conninfo.*port=5433[\s\S]*\+primary_conninfo.*port=5432/u);
      expect(planned[0]?.diff?.join('\n')).toMatch(/\+primary_conninfo.*host=''postgres-primary''/u);
      expect(await within(standby, `grep -c 5433 ${data}/postgresql.auto.conf`)).toBe('1');

      const { json, journal } = await fix();
      expect(json.applied?.map(({ outcome }) => outcome)).toEqual(planned.map(() => 'done'));
      const typed = (text: string): string => text.replaceAll(/before-[\dT-]+/gu, 'before');
      expect(json.applied?.map(({ step }) => typed(step.text))).toEqual(planned.map(({ step }) => typed(step.text)));
      expect(roots(json)).toEqual([]);
      await streams();
      const { head, steps } = await journalled(journal);
      expect(head.dataDirectory).toBe(`docker:${standby}:${data}`);
      expect(steps[0]).toMatchObject({ place: `docker:${standby}:${data}`, user: { name: 'postgres' } });
      expect(await within(standby, `stat -c '%U %a' ${data}/postgresql.auto.conf`)).toBe('postgres 600');

      const undone = await look(['undo', '--yes', '--timeout', '20', journal]);
      expect(undone.stdout).toContain('Everything that can be undone was undone.');
      expect(await within(standby, `grep -c 5433 ${data}/postgresql.auto.conf`)).toBe('1');
      // its receiver may have connected once more between the edit and the reload
      await within(standby, `touch ${data}/postgresql.auto.conf`);
      expect((await fix()).json.verdict).toBe('degraded');
    });

    test('that is renamed meanwhile: what was begun is done, in the same container', async () => {
      const { here, within, streams } = pair;
      await within(standby, `sed -i s/port=5432/port=5433/ ${data}/postgresql.auto.conf`);
      await here.docker('restart', standby);
      const fixing = fix();
      const renamed = `${standby}-renamed`;
      await until('the first step is taken', async () =>
        access(join(folder, `${journals}.jsonl`)).then(
          () => true,
          () => null,
        ),
      );
      await here.docker('rename', standby, renamed);
      const { json } = await fixing;
      expect(json.applied?.every(({ outcome }) => outcome === 'done')).toBe(true);
      expect(['healthy', 'degraded']).toContain(json.verdict);
      await streams(renamed);
      await here.docker('rename', renamed, standby);
    });

    test('that Docker starts again and again: stopped, mended beside it, started', async () => {
      const { here, within, streams } = pair;
      await within(standby, `echo 'max_connectionz = 5' >> ${data}/postgresql.conf`);
      await here.docker('restart', standby);
      await until('it was started again', async () =>
        Number(await here.docker('inspect', '-f', '{{.RestartCount}}', standby)) > 0 ? true : null,
      );
      const { json } = await fix();
      const [stop, edit, start] = done(json);
      expect([stop, start]).toEqual([`done docker stop ${standby}`, `done docker start ${standby}`]);
      expect(edit).toMatch(/^done docker run --rm --volumes-from postgres-standby /u);
      await streams();
      expect(roots(json)).toEqual([]);
    });

    test('that is stopped, without standby.signal; undone while it is stopped again', async () => {
      const { here, beside, streams, look } = pair;
      await here.docker('stop', standby);
      await beside(`rm ${data}/standby.signal`);
      const { json, journal } = await fix();
      expect(done(json).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
        'done docker run',
        'done docker start',
      ]);
      await streams();
      await here.docker('stop', standby);
      const undone = await look(['undo', '--yes', '--timeout', '20', journal]);
      expect(undone.exitCode, undone.stdout).toBe(0);
      await beside(`test ! -e ${data}/standby.signal && touch ${data}/standby.signal`);
      await here.docker('start', standby);
      await streams();
    });

    test('whose primary, in another container, refuses it: its pg_hba.conf is changed there', async () => {
      const { here, within, psql, streams, look } = pair;
      await within(primary, `sed -i '/^host replication replicator/d' ${data}/pg_hba.conf`);
      await psql(primary, 'SELECT pg_reload_conf()');
      await here.docker('restart', standby);
      const { json, journal } = await fix();
      expect(done(json)[0]).toMatch(/^done docker exec -u postgres postgres-primary /u);
      await streams();
      const { steps } = await journalled(journal);
      expect(steps[0]?.place).toBe(`docker:${primary}:${data}`);
      const entry = 'host replication replicator samenet scram-sha-256';
      expect(done(json)[0]).toContain(entry);
      expect(await within(primary, `tail -n 1 ${data}/pg_hba.conf`)).toBe(entry);
      const undone = await look(['undo', '--yes', ...admin, journal]);
      expect(undone.stdout, undone.stderr).toContain('✔ undone');
      await within(primary, `! grep 'replication *replicator' ${data}/pg_hba.conf`);
      await fix();
      await streams();
    });

    test('that asks its own server and the primary over their sockets; what cannot be asked is said', async () => {
      const { here, look, postmortem, streams } = pair;
      const both = await postmortem(undefined, ...admin, '--standby', `docker:${standby}`);
      const unexamined = both.json.rules.filter(({ outcome }) => outcome === 'unexamined');
      // whether samenet holds an address, the primary alone knows
      expect(unexamined.map(({ id }) => id)).toEqual(['hba/weak-method']);
      expect(both.json.summary.error).toBe(0);
      const wrong = await look(['postmortem', '-D', `docker:${standby}`, '--admin', 'docker:postgres-primry']);
      expect(wrong.stderr).toMatch(/--admin docker:postgres-primry: there is no container[\s\S]*postgres-primary/u);
      await here.docker('stop', primary);
      const down = await postmortem(undefined, ...admin);
      expect(roots(down.json)).toEqual(['network/name-not-resolved']);
      expect(down.json.plan.steps[0]?.step.text).toBe(`docker start ${primary}`);
      await fix();
      await streams();
      await here.docker('pause', primary);
      const paused = await postmortem(undefined, ...admin);
      await here.docker('unpause', primary);
      expect(roots(paused.json)).toEqual(['network/primary-hangs']);
      expect(paused.json.plan.steps[0]?.step.text).toBe(`docker unpause ${primary}`);
      await streams();
    });

    test('with a second server on the same volume: nothing is done, and the lines to type are printed', async () => {
      const { here, run, beside, streams } = pair;
      await here.docker('stop', standby);
      await beside(`rm ${data}/standby.signal`);
      const second = [...run('second').filter((word) => word !== '-d'), '-d', '--volumes-from', standby];
      await here.docker(...second, '--entrypoint', 'sleep', '-e', 'PGDATA=/elsewhere', image, '600');
      const { json } = await fix();
      expect(json.applied).toEqual([]);
      expect(json.fixes?.[0]).toMatchObject({ decision: 'leave', because: expect.stringContaining('second') });
      expect(json.fixes?.[0]?.steps[0]?.step.text).toMatch(/^docker run --rm --volumes-from postgres-standby/u);
      await here.docker('rm', '-f', 'second');
      await fix();
      await streams();
    });

    test('leaves no container behind', async () => {
      await until('every container beside it is gone', async () =>
        (await pair.here.docker('ps', '-aq', '--filter', 'name=standbylint')) === '' ? true : null,
      );
    });
  });
