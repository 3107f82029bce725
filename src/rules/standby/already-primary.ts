import { posix } from 'node:path';

import { isSilence, reachesItself } from '../../facts/login.ts';
import { ifSeen, seen } from '../../facts/observed.ts';
import type { ControlFile } from '../../postgres/control-file.ts';
import type { DataDirectory } from '../../facts/data-directory.ts';
import type { AdminServer } from '../../facts/identity.ts';
import type { Observed } from '../../facts/observed.ts';
import type { StandbyControl } from '../../facts/standby-configuration.ts';
import type { Fault } from '../../findings/judgement.ts';
import { cloneLine, onNewCluster } from '../../remedies/empty-container.ts';
import { newCopy } from '../../remedies/new-copy.ts';
import { rewindOrCopy, rewindOrCopyFacts } from '../../remedies/rewind-or-copy.ts';
import { rewindFacts, rewindServes } from '../../derived/rewind-serves.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { manual, safe, shell } from '../../remedies/remedy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { inForce } from '../../derived/in-force.ts';
import type { Remedy } from '../../findings/report.ts';
import { notStreaming } from '../consequences.ts';
import { leftAsItIs } from '../../remedies/left-as-it-is.ts';
import { historyEvidence, historySinceCopy } from '../../derived/history-since-copy.ts';
import { placeOf } from '../../derived/login-stages.ts';
import { isPrimaryNow, roleNow } from '../../derived/role-now.ts';
import { meantAsStandby } from '../../derived/meant-as-standby.ts';

/** It has WAL that the other server does not have: one of the two has to give way. */
const divergedKinds: ReadonlySet<string> = new Set(['promoted', 'diverged']);

export const alreadyPrimary = defineRule({
  id: 'standby/already-primary',
  title: 'This server is a primary',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...rewindOrCopyFacts, ...rewindFacts, 'adminServer', 'replicationLogin'],
  explains: [
    ...notStreaming,
    'timeline/diverged',
    'timeline/two-primaries',
    'conninfo/not-applied',
    // a primary connects to none
    'network/name-not-resolved',
    'network/connection-refused',
    'network/timed-out',
    'network/unreachable',
  ],
  messages: [
    'selected-new-timeline',
    'received-promote-request',
    'promote-trigger-file',
    'cannot-execute-during-recovery',
  ],
  docs: {
    what: 'Fails when the running server is not in recovery, or when the control file and the timelines show that it was promoted.',
    why: 'From then on, it has its own history. It can follow its former primary again only after pg_rewind, or as a new base backup. While both servers accept writes, some clients write to the wrong one.',
    notes:
      'An intended promotion is not a fault: this server is now the primary, and the other one must become a standby. A promoted server has its own timeline even if nothing was written to it.',
    references: [
      'Failover: https://www.postgresql.org/docs/current/warm-standby-failover.html',
      'src/backend/access/transam/xlog.c: StartupXLOG()',
    ],
  },
  judge(facts) {
    const { dataDirectory, controlFile, runningStandby } = facts;
    const history = historySinceCopy(facts);
    const runs = isPrimaryNow(runningStandby);
    const role = roleNow(facts);
    if (role === 'unknown')
      return unexamined({
        kind: 'connection',
        because: `the server on ${dataDirectory.path} accepts no connections, and its files do not show whether it is in recovery`,
        remedy: 'run this again when it has reached a consistent state',
      });
    if (role !== 'primary' && history.kind !== 'promoted')
      return pass(
        ifSeen(runningStandby)?.inRecovery === true
          ? 'pg_is_in_recovery() says that it is a standby'
          : history.kind === 'never-started'
            ? 'it is a base backup that was never started (backup_label exists)'
            : controlFile.ok
              ? `its control file says: ${controlFile.value.state}`
              : 'no server is running on it',
      );
    const meant = meantAsStandby(facts.standbyConninfo, facts.standbyConfiguration);
    const primary = ifSeen(facts.primary);
    const how =
      history.kind === 'promoted'
        ? `It was promoted: ${history.because}.`
        : meant === undefined
          ? 'It runs as a primary, and none of its settings is that of a standby.'
          : 'It runs as a primary, so it accepts writes that its primary never receives.';
    const rewinding = rewindServes({ ...facts, dataDirectory: seen(dataDirectory, dataDirectory.path) });
    const rewinds =
      history.kind === 'promoted' && rewinding.serves && primary !== undefined && dataDirectory.major === primary.major;
    // no upstream is known: it may be the only server that has the data
    const admin = ifSeen(facts.adminServer);
    const isOfAnother =
      admin !== undefined && controlFile.ok && admin.systemIdentifier !== controlFile.value.systemIdentifier;
    const ofContainer =
      meant === undefined && history.kind !== 'promoted'
        ? onNewCluster(facts.standbyControl, dataDirectory, isOfAnother, facts.serverLog)
        : undefined;
    if (ofContainer !== undefined) return fail(ofContainer);
    if (meant === undefined && isOfAnother && history.kind !== 'promoted')
      return fail(ofItsOwn(admin, controlFile.value, facts));
    if (meant === undefined && (primary === undefined || !divergedKinds.has(history.kind)))
      return fail({
        message: `${how} It has no primary that is known here.`,
        where: at('standby', undefined, dataDirectory.path),
        evidence: [
          ...(runs ? [evidence('pg_is_in_recovery()', 'false', 'the server')] : []),
          ...historyEvidence(facts),
        ],
        remedy: safe(
          'Change nothing on this server: give the data directory of the standby to -D.',
          manual(
            'standby',
            `If ${dataDirectory.path} is the primary, run this on the machine of the standby, with its data directory. If this server is to become a standby, use standbylint clone.`,
          ),
        ),
      });
    if (history.kind === 'perhaps-the-primary')
      return fail({
        title: 'This server is a primary, and it may be the one that its upstream follows',
        message: `It runs as a primary, although ${meant}: ${history.because}.`,
        where: at('standby', undefined, dataDirectory.path),
        evidence: [evidence('pg_is_in_recovery()', 'false', 'the server'), ...historyEvidence(facts)],
        remedy: leftAsItIs(dataDirectory.path),
      });
    if (reachesItself(ifSeen(facts.replicationLogin), dataDirectory.postmaster))
      return fail({
        message: `${how} Its primary_conninfo leads to this server itself, so that no other primary is known.`,
        where: at('standby', undefined, dataDirectory.path),
        evidence: [evidence('pg_is_in_recovery()', 'false', 'the server'), ...historyEvidence(facts)],
        remedy: safe(
          'Change nothing on this server before it is known which server is to be the primary.',
          manual(
            'standby',
            `If the promotion was intended, ${dataDirectory.path} is the data of the primary: run this with the data directory of a standby. If not, let primary_conninfo name the other primary alone, and run this again.`,
          ),
        ),
      });
    const login = ifSeen(facts.replicationLogin)?.outcome;
    if (history.kind === 'promoted' && primary === undefined && login?.accepted === false && isSilence(login.decisive))
      return fail({
        message: `${how} Nothing answers at ${placeOf(login.decisive)}, the server that it followed: what was written since the promotion is on this server alone.`,
        where: at('standby', undefined, dataDirectory.path),
        evidence: [
          ...(runs ? [evidence('pg_is_in_recovery()', 'false', 'the server')] : []),
          ...historyEvidence(facts),
        ],
        remedy: safe(
          'Change nothing on this server before it is known which server is to be the primary.',
          manual(
            'standby',
            `If the promotion was intended, this server is the primary, and no fault of it was found. Do not start the server at ${placeOf(login.decisive)} as it is: run this with its data directory and --admin, a superuser connection to this server, for how to make it a standby. If the promotion was not intended, run this again when that server answers: then the report says how this one follows it again.`,
          ),
        ),
      });
    const trigger = inForce('promote_trigger_file', {
      ...facts,
      dataDirectory: seen(dataDirectory, dataDirectory.path),
    });
    const triggerFile =
      trigger === undefined || trigger.value === '' ? undefined : posix.resolve(dataDirectory.path, trigger.value);
    const remedy = rewinds
      ? rewindOrCopy(
          rewinding.comparison,
          rewinding.timelines,
          { ...facts, primary },
          'Rewind it with pg_rewind, so that it follows its primary again.',
        )
      : newCopy(facts);
    return fail({
      message: `${how} ${meant === undefined ? 'If -D is the right directory, check the other server.' : `If the promotion was intended, ${primary === undefined ? 'its former primary' : primary.name} must become a standby. If not, the steps below discard what was written on this server.`}`,
      where: at('standby', undefined, dataDirectory.path),
      evidence: [
        ...(runs ? [evidence('pg_is_in_recovery()', 'false', 'the server')] : []),
        ...historyEvidence(facts),
        ...(triggerFile === undefined || trigger === undefined
          ? []
          : [evidence('promote_trigger_file', `${trigger.value}: a file of that name promotes it`, trigger.source)]),
      ],
      remedy: triggerFile === undefined ? remedy : withoutTrigger(remedy, triggerFile, facts.now),
    });
  },
});

/** The server removes the file where it may (xlogrecovery.c, CheckForStandbyTrigger); where it may not, the next standby is promoted, too. */
function withoutTrigger(remedy: Remedy, file: string, now: Date): Remedy {
  const aside = `${file}.before-${now.toISOString().slice(0, 10)}`;
  const step = shell(
    'standby',
    `test ! -e ${shellWord(file)} || mv ${shellWord(file)} ${shellWord(aside)}`,
    'move-aside',
    file,
    aside,
  );
  const first = <T extends Pick<Remedy, 'steps'>>(way: T): T => ({ ...way, steps: [step, ...way.steps] });
  return {
    ...first(remedy),
    ...(remedy.alternatives === undefined ? {} : { alternatives: remedy.alternatives.map(first) }),
  };
}

/** Packages and the entrypoints of images run initdb by themselves: what they leave looks like a primary that somebody uses. */
function ofItsOwn(
  admin: AdminServer,
  { systemIdentifier }: ControlFile,
  {
    dataDirectory: { path },
    standbyControl,
  }: { readonly dataDirectory: DataDirectory; readonly standbyControl: Observed<StandbyControl> },
): Fault {
  const control = ifSeen(standbyControl)?.control;
  const isContainer = control?.kind === 'container' && control.name !== undefined;
  const place = isContainer ? `${control.engine ?? 'docker'}:${control.name}:${path}` : path;
  const other = `${admin.host}:${admin.port}`;
  return {
    title: `This server is a cluster of its own, not a copy of ${other}`,
    message: `Its system identifier differs from that of ${other} (--admin), and none of its settings is that of a standby. initdb has made it, ${isContainer ? 'which the entrypoint of an image runs' : "which a package or an image's entrypoint runs"} by itself. A standby has to be made as a copy of its primary.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence('system identifier', String(systemIdentifier), `${path}/global/pg_control`),
      evidence('of --admin', String(admin.systemIdentifier), other),
    ],
    remedy: safe(
      'If it is to become a standby, make a copy.',
      manual(
        isContainer ? 'client' : 'standby',
        `If this server is to follow ${other}, take a base backup of that: ${cloneLine(place, admin)}. It says what has to go aside first. If this server is a primary on its own, change nothing on it.`,
      ),
    ),
  };
}
