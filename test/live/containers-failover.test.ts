import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aContainerPair, adminOf, image, primary, standby } from '../lab/container-pair.ts';
import type { ContainerPair } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import { complete } from '../lab/releases.ts';
import { roots } from '../lab/standbylint.ts';
import { itsRelease, turn } from '../lab/turn.ts';

/** Each turn has another release. */
const major = turn === 'whole' ? 17 : (itsRelease(complete, 3, turn) ?? 17);

const third = 'postgres-third';
let pair: ContainerPair;

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('containers after a failover', { timeout: 180_000 }, () => {
    beforeAll(async () => {
      pair = await aContainerPair(major);
      await pair.create(third);
      await pair.here.docker('start', third);
      await pair.streams(third);
      // more of them than are copied from at once, and the promoted one is the last but two that the engine lists
      for (const number of Array.from({ length: 33 }, (_, index) => index))
        await pair.here.docker('create', '--name', `idle-${number}`, image);
      await pair.here.docker('stop', primary);
      await pair.psql(standby, 'SELECT pg_promote()');
      await pair.psql(standby, 'CHECKPOINT');
    }, 180_000);
    afterAll(async () => pair.here.end(), 60_000);

    test('the old primary is not started, among many containers, with --admin and without', async () => {
      for (const more of [[], ['--admin', adminOf(standby)]]) {
        const { json } = await pair.look(['postmortem', '-D', `docker:${third}`, '--format', 'json', ...more]);
        expect(roots(json)).toEqual(['network/name-not-resolved']);
        const steps = json.plan.steps.map(({ step }) => step.text);
        expect(steps.filter((text) => text.includes(`docker start ${primary}`))).toEqual([]);
        expect(steps.join('\n')).toContain(`host=${standby}`);
      }
    });

    test('the old primary itself is not started without --admin, and the promoted one keeps its data', async () => {
      const old = (await pair.look(['postmortem', '-D', `docker:${primary}`, '--format', 'json'])).json;
      expect(roots(old)).toEqual(['standby/not-running']);
      expect(old.plan.steps.map(({ step }) => step.does)).toEqual(['by-hand']);
      expect(old.plan.steps[0]?.step.text).toContain(`--admin docker:${standby}`);
      const promoted = (await pair.look(['postmortem', '-D', `docker:${standby}`, '--format', 'json'])).json;
      expect(roots(promoted)).toEqual(['standby/already-primary']);
      expect(promoted.plan.risk).toBe('safe');
    });

    test('the printed steps lead the other standby to the promoted one', async () => {
      const { json } = await pair.look(['postmortem', '-D', `docker:${third}`, '--format', 'json']);
      for (const { step } of json.plan.steps) await pair.here.paste(step.text);
      await pair.streams(third);
      expect(await pair.psql(standby, 'SELECT count(*) FROM pg_stat_replication')).toBe('1');
    });

    test('the old primary itself is not started, where --admin leads to the promoted one', async () => {
      const words = ['postmortem', '-D', `docker:${primary}`, '--admin', adminOf(standby), '--format', 'json'];
      const { json } = await pair.look(words);
      expect(roots(json)).toContain('standby/signal-missing');
      const steps = json.plan.steps.map(({ step }) => step.text);
      const [signal, start] = ['standby.signal', 'docker start'].map((part) =>
        steps.findIndex((text) => text.includes(part)),
      );
      expect(signal).toBeGreaterThanOrEqual(0);
      expect(start === -1 || (start ?? 0) > (signal ?? 0)).toBe(true);
    });

    test('nor is it beside a container whose data cannot be read: that one may have been promoted', async () => {
      await pair.here.docker('rm', '-f', standby, third, 'dark');
      await pair.here.paste('tar -cf - -T /dev/null | docker import - bare');
      await pair.here.docker('create', '--name', 'dark', '--expose', '5432', 'bare', 'postgres');
      const { json } = await pair.look(['postmortem', '-D', `docker:${primary}`, '--format', 'json']);
      expect(roots(json)).toEqual(['standby/not-running']);
      expect(json.plan.steps.map(({ step: { kind } }) => kind)).toEqual(['manual']);
      expect(json.plan.steps[0]?.step.text).toMatch(/The data of .*\bdark\b.* could not be read here/u);
    });
  });
