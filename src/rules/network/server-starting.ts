import type { Refusal } from '../../facts/connection.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { leadingToPrimary, primaryPlaceFacts } from '../../remedies/lead-to-primary.ts';
import { replacedBy } from '../../derived/replaced-primary.ts';
import { notStreaming } from '../consequences.ts';
import { judgeStage, placeOf, triesOf } from '../../derived/login-stages.ts';

export const serverStarting = defineRule({
  id: 'network/server-starting',
  title: 'The primary is not accepting connections',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'now'],
  wants: primaryPlaceFacts,
  explains: [...notStreaming],
  messages: [
    'db-starting-up',
    'db-shutting-down',
    'db-not-accepting-hot-standby-off',
    'db-not-yet-accepting',
    'db-in-recovery-mode',
  ],
  docs: {
    what: 'Fails if the server answers that it is starting up, shutting down, or not accepting connections (57P03).',
    why: 'A server accepts no connections before its recovery reaches a consistent state and while it shuts down. A standby with hot_standby = off never accepts any.',
    references: [
      'Hot Standby: https://www.postgresql.org/docs/current/hot-standby.html',
      'src/backend/tcop/backend_startup.c: ProcessStartupPacket()',
    ],
  },
  judge(facts) {
    const { replicationLogin } = facts;
    return judgeStage(replicationLogin, 'login', (attempt, outcome) => {
      if (outcome.kind !== 'server-refused') return undefined;
      const step = steps.get(outcome.refusal);
      if (step === undefined)
        return pass(`the server at ${placeOf(attempt)} accepts logins: it answered "${outcome.error.message}"`);
      const { message, detail } = outcome.error;
      const there = replacedBy(facts, attempt)?.named === true ? leadingToPrimary(facts, attempt) : undefined;
      return fail({
        title: `The server at ${placeOf(attempt)} is not accepting connections`,
        message: `It answers "${message}".${detail === undefined ? '' : ` ${detail}`}`,
        where: at('primary', attempt.host),
        evidence: [
          evidence('the server says', message, 'the replication login'),
          ...triesOf(replicationLogin),
          ...(there?.seen ?? []),
        ],
        remedy:
          there?.remedy ??
          safe(
            refusesForever(detail)
              ? 'Turn hot_standby on in that server, and restart it.'
              : 'Wait until the server accepts connections, then run standbylint again.',
            manual('primary', refusesForever(detail) ? hotStandbyOn(placeOf(attempt)) : step),
          ),
      });
    });
  },
});

/** postmaster.c, canAcceptConnections: it says so only where hot_standby is off, and then waiting helps nobody. */
const refusesForever = (detail: string | undefined): boolean => detail === 'Hot standby mode is disabled.';

const hotStandbyOn = (place: string): string =>
  `The server at ${place} is a standby with hot_standby = off, which refuses other standbys too. On its machine, take that line out of its configuration (the default is on), and restart it. The log of its start shows where it stands: standbylint postmortem finds it there, too.`;

const steps: ReadonlyMap<Refusal, string> = new Map([
  [
    'starting-up',
    "Wait until the server's log says that it is ready to accept connections. Until then, the log shows the progress of recovery.",
  ],
  [
    'shutting-down',
    'After the server has stopped, start it again. A smart shutdown waits for its sessions: pg_ctl stop -m fast on its data directory ends them.',
  ],
  [
    'not-accepting-connections',
    'A standby accepts connections once it is consistent, if hot_standby is on. Read its log; if hot_standby is off, set hot_standby = on and restart the server.',
  ],
]);
