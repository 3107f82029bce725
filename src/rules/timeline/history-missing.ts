import { ifSeen } from '../../facts/observed.ts';
import { historyFileName } from '../../postgres/lsn.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const historyMissing = defineRule({
  id: 'timeline/history-missing',
  title: 'The primary has lost the history file of its timeline',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['timelines', 'localWal'],
  wants: ['replicationLogin', 'primaryArchive', 'archive', 'primaryPaths', 'primary', 'runningStandby'],
  explains: [...notStreaming, 'timeline/behind-primary-switch', 'streaming/stalled', 'network/login-not-possible'],
  messages: ['could-not-receive-history-file'],
  says: ['could not open file "pg_wal/%s.history": No such file or directory'],
  docs: {
    what: "Fails when the primary is on a timeline after the first, does not have that timeline's history file in its pg_wal, and the standby does not have it either.",
    why: 'The WAL receiver asks for the history file of each timeline that it does not know before it streams. If the primary cannot read it, every attempt ends there, and a new base backup has the same problem.',
    notes:
      'A history file is small, and is archived at the promotion: the archive and every other standby of that timeline have it. The server never removes one by itself.',
    references: [
      'src/backend/replication/walreceiver.c: WalRcvFetchTimeLineHistoryFiles()',
      'src/backend/replication/walsender.c: SendTimeLineHistory()',
    ],
  },
  judge(facts) {
    const { timelines, localWal } = facts;
    const { timeline, historyMissing: isMissing } = timelines.upstream;
    if (!timelines.sameSystem) return notApplicable('the server that answers is of another cluster');
    if (timeline === 1) return notApplicable('the first timeline has no history file');
    const name = historyFileName(timeline);
    if (!isMissing) return pass(`the primary has ${name}`);
    if (localWal.histories.some((one) => one.timeline === timeline)) return pass(`${name} is in ${localWal.path}`);
    if (ifSeen(facts.runningStandby)?.receiver?.status === 'streaming') return pass('the WAL receiver streams');
    const login = ifSeen(facts.replicationLogin)?.outcome;
    if (login?.accepted !== true)
      return unexamined({
        kind: 'connection',
        because: 'the replication login did not get so far as to ask for the history',
      });
    const archive = ifSeen(facts.primaryArchive) ?? ifSeen(facts.archive);
    const isArchived = archive?.directory !== undefined && archive.histories.some((one) => one.timeline === timeline);
    const directory = ifSeen(facts.primaryPaths)?.dataDirectory;
    const to = `${directory ?? 'the data directory'}/pg_wal`;
    const isHere = isArchived && directory !== undefined && ifSeen(facts.primary)?.sameMachine === true;
    return fail({
      message: `The primary is on timeline ${timeline} and does not have ${name} in its pg_wal. The standby asks for that file before it streams, and is refused each time.`,
      where: at('primary'),
      evidence: [
        evidence('timeline of the primary', String(timeline), 'IDENTIFY_SYSTEM'),
        evidence(name, 'could not be read', 'TIMELINE_HISTORY'),
        ...(isArchived ? [evidence(name, 'in the archive', archive.directory ?? '')] : []),
      ],
      remedy: safe(
        `Put ${name} back into the pg_wal of the primary; the standby tries again by itself.`,
        isHere
          ? shell(
              'primary',
              `cp -p ${shellWord(`${archive.directory ?? ''}/${name}`)} ${shellWord(`${to}/${name}`)}`,
              'make-file',
              `${to}/${name}`,
            )
          : manual(
              'primary',
              `Copy ${name} into ${to} as the server's user (mode 0600), from ${isArchived ? archive.directory : 'the archive'} or from the pg_wal of another standby of timeline ${timeline}.`,
            ),
      ),
    });
  },
});
