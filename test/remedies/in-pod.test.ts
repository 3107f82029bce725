import { describe, expect, it } from 'vitest';

import type { ExaminedPlace } from '../../src/facts/machine.ts';
import type { Step } from '../../src/findings/report.ts';
import { stepsFromPod } from '../../src/remedies/in-pod.ts';
import { asRoot, manual, shell, sql } from '../../src/remedies/remedy.ts';
import { passwordSet } from '../../src/remedies/role.ts';

type Pod = Extract<ExaminedPlace, { readonly kind: 'pod' }>;

const pod: Pod = {
  kind: 'pod',
  context: undefined,
  namespace: 'shop',
  name: 'pg-1',
  container: 'postgres',
  controller: 'statefulset/pg',
  asRoot: false,
  superuser: 'postgres',
};
const exec = 'kubectl exec -n shop pg-1 -c postgres --';

const touch = shell('standby', 'touch /data/standby.signal', 'make-file', '/data/standby.signal');
const edit = shell('standby', "printf '%s\\n' x >> /data/postgresql.auto.conf", 'edit-file');
const chown = asRoot('standby', 'chown -R postgres /data', 'change-owner', '/data');
const mode = shell('standby', 'chmod 0700 /data', 'change-mode', '/data');
const does = (act: Step['does']): Step => ({ ...manual('standby', `${act} it.`), does: act });

const texts = (steps: readonly Step[], change: Partial<Pod> = {}) =>
  stepsFromPod(steps, { ...pod, ...change }, 'postgres').map(({ on, kind, text }) => [on, kind, text]);
const only = (step: Step, change: Partial<Pod> = {}) => texts([step], change)[0]?.[2];

describe('steps for a pod', () => {
  it.each<readonly [string, Step, Partial<Pod>, string]>([
    ['a plain command', touch, {}, `${exec} touch /data/standby.signal`],
    ['what a shell takes apart', edit, {}, `${exec} sh -c 'printf '\\''%s\\n'\\'' x >> /data/postgresql.auto.conf'`],
    [
      'root there hands over to the owner',
      touch,
      { asRoot: true },
      `${exec} su -s /bin/sh postgres -c 'touch /data/standby.signal'`,
    ],
    ['a mode that root changes', mode, { asRoot: true }, `${exec} chmod 0700 /data`],
    ['a mode that its owner changes', mode, {}, `${exec} chmod 0700 /data`],
    ['what is for root', chown, { asRoot: true }, `${exec} chown -R postgres /data`],
    [
      'another context',
      touch,
      { context: 'prod eu' },
      "kubectl exec --context 'prod eu' -n shop pg-1 -c postgres -- touch /data/standby.signal",
    ],
    [
      'a statement',
      sql('standby', 'SELECT pg_reload_conf();', 'reload'),
      {},
      `${exec} sh -c 'psql -X -U postgres -d postgres -c '\\''SELECT pg_reload_conf();'\\'''`,
    ],
  ])('%s', (_, step, change, command) => {
    expect(texts([step], change)).toEqual([['client', 'shell', command]]);
  });

  it('several statements go to psql by its input, and a password is typed at a terminal', () => {
    expect(only(sql('standby', 'SELECT 1; SELECT 2;', 'look'))).toBe(
      `echo 'SELECT 1; SELECT 2;' | kubectl exec -i -n shop pg-1 -c postgres -- psql -X -U postgres -d postgres`,
    );
    expect(only({ ...passwordSet('rep'), on: 'standby' })).toMatch(/^kubectl exec -it -n shop pg-1/u);
  });

  it('leave what is root’s to a person where nobody is root there', () => {
    expect(texts([chown])).toEqual([['standby', 'manual', `As root: chown -R postgres /data`]]);
  });

  it('leave the primary, and what the engine does, as they are', () => {
    const steps = [sql('primary', 'SELECT 1;', 'look'), { ...touch, does: 'container' as const }];
    expect(stepsFromPod(steps, pod, 'postgres')).toEqual(steps);
  });

  it('name the pod in what a person reads', () => {
    expect(only(manual('standby', 'Install zstd on this host.'))).toBe('Install zstd in the pod shop/pg-1.');
    expect(only(does('check-again'))).toBe('check-again it.');
  });

  it.each<readonly [Step['does'], Partial<Pod>, RegExp]>([
    ['start', {}, /"kubectl delete pod -n shop pg-1" ends the server .* statefulset\/pg makes the pod again/u],
    ['restart', { context: 'prod' }, /"kubectl delete pod --context prod -n shop pg-1"/u],
    ['start', { controller: undefined }, /it has no controller, and would not come back/u],
    ['stop', {}, /by way of what manages it \(statefulset\/pg\)/u],
    ['stop', { controller: undefined }, /by way of what manages it: Kubernetes/u],
  ])('%s is for what made the pod: %o', (act, change, words) => {
    expect(texts([does(act)], change)).toEqual([['client', 'manual', expect.stringMatching(words)]]);
  });

  it('between a stop and a start, are for a pod with the same volumes', () => {
    expect(texts([does('stop'), touch, does('start'), touch]).map(([, kind]) => kind)).toEqual([
      'manual',
      'manual',
      'manual',
      'shell',
    ]);
    expect(texts([does('stop'), touch])[1]?.[2]).toBe(
      'In a pod that has the volumes of shop/pg-1, before it is back: touch /data/standby.signal',
    );
  });
});
