import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Subject } from '../../src/checks/subject.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { link } from '../../src/diagnosis/link.ts';
import { withLogEvidence } from '../../src/diagnosis/log-evidence.ts';
import { mainFacts, verdictOf } from '../../src/diagnosis/verdict.ts';
import type { Verdict } from '../../src/diagnosis/verdict.ts';
import type { FactName, Facts } from '../../src/facts/facts.ts';
import { ifSeen, notApplicable, unseen, withoutAdmin } from '../../src/facts/observed.ts';
import type { RunningStandby } from '../../src/facts/running-standby.ts';
import { rulesOfCopies, rulesOfStandbys } from '../../src/rules/catalogue.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import {
  aConfiguration,
  aConninfo,
  aDataDirectory,
  aReceiver,
  aRunningStandby,
  configFile,
  healthyStandby,
  standardSettings,
} from '../rules/standby-world.ts';
import { aBaseBackup, healthy, lsn } from '../rules/world.ts';

/** As the engine comes to it: the rules, the log's place, the links, the verdict. */
function verdict(command: Subject['command'], facts: Facts, accept: readonly string[] = [], copied = false): Verdict {
  const rules: readonly AnyRule[] = command === 'postmortem' ? rulesOfStandbys : rulesOfCopies;
  const chosen = rules.filter(({ commands }) => commands.includes(command));
  const judged = withLogEvidence(
    chosen.map((rule) => judge(rule, facts)),
    facts,
  );
  return verdictOf({ command, judged, findings: link(judged), facts, accept, copied });
}

const ofStandby = (changes: Changes, accept?: readonly string[]): Verdict =>
  verdict('postmortem', world(changes, healthyStandby), accept);
const ofCopy = (changes: Changes, accept?: readonly string[], copied?: boolean): Verdict =>
  verdict('preflight', world(changes, healthy), accept, copied);

const blind = unseen('permission', 'nobody may look');
const absent = notApplicable('there is none');
const replayOf = (change: Partial<RunningStandby['replay']>) => ({
  replay: { ...aRunningStandby().replay, moves: undefined, ...change },
});
const replay = (change: Partial<RunningStandby['replay']>) => ({ runningStandby: aRunningStandby(replayOf(change)) });

test('needs-admin accepts what only --admin could show, and nothing else', () => {
  const hidden = { status: 'unseen' as const, why: withoutAdmin('not-asked', 'no --admin connection was given') };
  const withHidden = { hbaRules: hidden, serverLibraries: hidden, tablespaces: hidden };
  expect(ofCopy(withHidden).verdict).toBe('unknown');
  const accepted = ofCopy(withHidden, ['needs-admin']);
  expect(accepted.verdict).toBe('ready');
  expect(accepted.accepted).toContain('client/library-missing');
  expect(ofCopy({ ...withHidden, targetDirectory: blind }, ['needs-admin']).verdict).toBe('unknown');
});

describe('a standby is healthy', () => {
  test.each<[string, Changes]>([
    ['when all holds', {}],
    ['on an idle primary', replay({ moves: undefined })],
    [
      'whose log is not found, and where nobody looked at what concerns a standby that is down or refused',
      {
        serverLog: unseen('not-asked', 'no log was found'),
        damagedSlots: blind,
        refusingServer: blind,
        copyAttempt: blind,
      },
    ],
    [
      'with WAL that its delay holds back',
      {
        ...replay({ receivedLsn: lsn('0/5000000'), moves: false }),
        standbyConfiguration: aConfiguration([
          ...standardSettings,
          ['recovery_min_apply_delay', '10min', configFile, 9],
        ]),
      },
    ],
    [
      'while it replays what it has, before it connects',
      {
        runningStandby: aRunningStandby({ receiver: undefined, replay: { ...aRunningStandby().replay, moves: true } }),
      },
    ],
  ])('%s', (_name, changes) => {
    expect(ofStandby(changes)).toEqual({ verdict: 'healthy', accepted: [], notShown: [] });
  });
});

describe('a standby is not healthy', () => {
  test.each<[string, Changes, Verdict['verdict']]>([
    ['that was not asked', { runningStandby: blind, serverLog: blind }, 'unknown'],
    [
      'that is seen to stream, and was not asked',
      { runningStandby: blind, standbyProcesses: streamingProcesses() },
      'unknown',
    ],
    ['that is paused', replay({ pauseState: 'paused' }), 'degraded'],
    ['whose replay does not move', replay({ receivedLsn: lsn('0/5000000'), moves: false }), 'unknown'],
    ['that is a primary', { runningStandby: aRunningStandby({ inRecovery: false }) }, 'broken'],
    [
      'without a receiver',
      { runningStandby: aRunningStandby({ receiver: undefined, ...replayOf({ moves: false }) }), serverLog: blind },
      'broken',
    ],
  ])('%s', (_name, changes, expected) => {
    expect(ofStandby(changes).verdict).toBe(expected);
  });
});

function streamingProcesses() {
  return {
    receiver: { pid: 4250, streamed: lsn('0/3000060'), ageSeconds: 3600 },
    startup: { pid: 4248, doing: 'recovering', file: '000000010000000000000003', ageSeconds: 3600 },
  } as const;
}

test('hot_standby off on purpose is healthy where the processes show that it streams and replays', () => {
  const off: Changes = {
    runningStandby: unseen('connection', 'hot_standby is off'),
    standbyConfiguration: aConfiguration([...standardSettings, ['hot_standby', 'off', configFile, 9]]),
    standbyProcesses: streamingProcesses(),
  };
  expect(ofStandby(off)).toEqual({ verdict: 'healthy', accepted: [], notShown: [] });
  const behind = { ...streamingProcesses(), receiver: { pid: 4250, streamed: lsn('0/9000060'), ageSeconds: 3600 } };
  expect(ofStandby({ ...off, standbyProcesses: behind, walSenders: blind }).verdict).toBe('unknown');
});

test('what the caller accepts unexamined is recorded', () => {
  const accept = [
    'recovery/hot-standby-off',
    'standby/already-primary',
    'streaming/not-connected',
    'recovery/replay-paused',
  ];
  const hidden: Changes = { runningStandby: blind, standbyConfiguration: blind };
  const { accepted } = ofStandby(hidden, accept);
  expect(accepted).toEqual(expect.arrayContaining(['streaming/not-connected', 'recovery/replay-paused']));
  expect(ofStandby(hidden).notShown).toEqual([expect.stringContaining('nobody may look')]);
});

const hiding = (names: readonly FactName[]) =>
  fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map(() => fc.constantFrom(blind, absent)))
        .map((values): Changes => Object.fromEntries(chosen.map((name, index) => [name, values[index]]))),
    );

const everyFact = Object.keys(healthyStandby).filter((name): name is FactName => name in healthyStandby);
const optionalLsn = fc.constantFrom(undefined, lsn('0/3000060'), lsn('0/5000000'));

test('no combination of facts that were not seen, and no state of replay, gives healthy without its claims', () => {
  fc.assert(
    fc.property(
      fc.option(hiding(everyFact), { nil: {} }),
      fc.record({
        inRecovery: fc.boolean(),
        receiver: fc.constantFrom(undefined, aReceiver(), aReceiver({ status: 'waiting' })),
        receiverHidden: fc.boolean(),
        replay: fc.record({
          receivedLsn: optionalLsn,
          replayedLsn: optionalLsn,
          pauseState: fc.constantFrom('not paused' as const, 'pause requested' as const, 'paused' as const),
          lastReplayedCommitAt: fc.constant(undefined),
          moves: fc.constantFrom(undefined, true, false),
        }),
      }),
      fc.boolean(),
      (hidden, change, hasConninfo) => {
        const conninfo = hasConninfo ? {} : { standbyConninfo: aConninfo({ text: undefined, hosts: [] }) };
        const facts: Facts = world({ runningStandby: aRunningStandby(change), ...conninfo, ...hidden }, healthyStandby);
        if (verdict('postmortem', facts).verdict !== 'healthy') return;
        const server = ifSeen(facts.runningStandby);
        // hot_standby is on in that world
        expect(server?.inRecovery).toBe(true);
        expect(server?.replay.pauseState).toBe('not paused');
        const { receivedLsn, replayedLsn, moves } = change.replay;
        expect(moves === true || (replayedLsn !== undefined && replayedLsn >= (receivedLsn ?? 0n))).toBe(true);
        expect(change.receiver?.status === 'streaming' || change.receiverHidden || moves === true).toBe(true);
        expect(facts.dataDirectory.status).toBe('seen');
      },
    ),
    { numRuns: 400 },
  );
});

test('no combination of facts that were not seen gives ready without its claims', () => {
  fc.assert(
    fc.property(hiding(everyFact), (hidden) => {
      const facts: Facts = world(hidden, healthy);
      if (verdict('preflight', facts).verdict !== 'ready') return;
      const missing = mainFacts('preflight').filter((name) => facts[name].status !== 'seen');
      expect(missing).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test.each([...new Set(mainFacts('preflight'))].map((name) => ({ name })))(
  'ready without $name is not proven',
  ({ name }) => {
    for (const fact of [blind, absent]) expect(ofCopy({ [name]: fact }).verdict).not.toBe('ready');
  },
);

test('a copy to standard output, or to a target of the server, has no directory here', () => {
  const elsewhere = aBaseBackup({ directory: '-', format: 'tar' });
  expect(ofCopy({ baseBackup: elsewhere, targetDirectory: absent }).notShown).toEqual([]);
});

test('a healthy primary without --admin is ready, and so is one whose copy was made', () => {
  expect(ofCopy({})).toEqual({ verdict: 'ready', accepted: [], notShown: [] });
  expect(ofCopy({ targetDirectory: blind }, [], true).notShown).toEqual([]);
});

test('a directory whose server is not known to run is not healthy', () => {
  const gone = aDataDirectory({ postmaster: undefined });
  expect(ofStandby({ dataDirectory: gone, runningStandby: absent }).verdict).toBe('broken');
});
