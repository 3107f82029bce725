import { posix } from 'node:path';

import type { AdminServer } from '../facts/identity.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerControl } from '../facts/primary.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyControl } from '../facts/standby-configuration.ts';
import { at, evidence } from '../findings/judgement.ts';
import type { Fault } from '../findings/judgement.ts';
import type { Side, Step } from '../findings/report.ts';
import { createdAgain } from './container-again.ts';
import { shellWord } from './quoting.ts';
import { manual, safe } from './remedy.ts';

/**
 * Of a container that runs on a cluster of its own, which no standby's setting is in: the entrypoint makes one where it
 * finds PGDATA empty, and the standby's data are in another place. Undefined where neither another data directory nor a
 * volume without a name shows that. `isOfAnotherCluster`: than the server that --admin has reached.
 */
export function onNewCluster(
  standbyControl: Observed<StandbyControl>,
  { path, fileSystem }: DataDirectory,
  isOfAnotherCluster: boolean,
  log: Observed<ServerLog>,
): Fault | undefined {
  const control = ifSeen(standbyControl)?.control;
  if (control?.kind !== 'container' || control.made === undefined) return undefined;
  const { name = '', engine = 'docker', others = [], made } = control;
  const signaled = others.filter(({ hasStandbySignal }) => hasStandbySignal);
  // a primary may have a volume without a name, and old copies beside its data
  const [other] = signaled.length > 0 || !isOfAnotherCluster ? signaled : others;
  // one below another hides what that has there
  const [volume] = made.volumes
    .filter(({ directory }) => [path, posix.dirname(path)].includes(posix.normalize(directory)))
    .toSorted((one, further) => further.directory.length - one.directory.length);
  // a container that is created again has a log of its own
  const streamed = ifSeen(log)?.summary.streaming;
  if (other === undefined && isOfAnotherCluster && streamed !== undefined) return emptied(control, path, streamed.time);
  if (other === undefined && isOfAnotherCluster && volume === undefined && fileSystem?.type === 'tmpfs')
    return inMemory(control, path);
  const lost = volume !== undefined && !volume.hasName;
  if (other === undefined && !(lost && isOfAnotherCluster)) return undefined;
  const above = made.volumes.find(({ directory, hasName }) => hasName && path.startsWith(`${directory}/`));
  const outer = made.volumes.find(({ directory, hasName }) => hasName && directory === other?.path);
  return {
    title: `Container "${name}" runs on a new cluster, not on the standby's data`,
    message:
      other === undefined
        ? `${path} is in a volume without a name, which is new and empty when a container is created: its entrypoint ran initdb there. The data of the standby are not in this container.${above === undefined ? '' : ` The volume at ${above.directory} has a name, and gets nothing of what is written to ${path}. A volume that an earlier container had may still have the data (${engine} volume ls).`}`
        : `The server runs on ${path}, where the entrypoint of the image ran initdb because the directory was empty. The data directory ${other.path} is in the same container, and not used.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence(
        'volumes',
        made.volumes.map(({ directory, hasName }) => `${directory}${hasName ? '' : ' (no name)'}`).join(', '),
        `${engine} inspect ${name}`,
      ),
      ...others.map((one) =>
        evidence(
          one.path,
          one.hasStandbySignal ? 'a data directory with standby.signal' : 'a data directory',
          'global/pg_control',
        ),
      ),
    ],
    remedy: safe(
      'Start the server on the data of the standby.',
      ...(createdAgain(
        control,
        other === undefined
          ? above !== undefined
            ? `the volume that has the data of the standby, or the one that is now at ${above.directory}, mounted at ${path}`
            : `the volume that has the data of the standby at ${path} (${engine} volume ls)`
          : outer !== undefined && lost
            ? `the volume that is now at ${outer.directory} mounted at ${path}`
            : `PGDATA=${other.path}`,
      ) ?? []),
      ...(other === undefined && above === undefined
        ? [
            manual(
              'client',
              `If no volume has data of a standby, no base backup was made yet. Make it: ${cloneLine(`${engine}:${name}`)}. It says what has to go aside first.`,
            ),
          ]
        : []),
    ),
  };
}

type OfContainer = Extract<ServerControl, { readonly kind: 'container' }>;

/** The data were in this very container: somebody has removed them, and the entrypoint has made a cluster since. */
function emptied({ name = '', engine = 'docker' }: OfContainer, path: string, streamed: Date | undefined): Fault {
  return {
    title: `The data of the container "${name}" were removed`,
    message: `${path} was emptied while it had the data of the standby, and the entrypoint of the image ran initdb there at the next start. Those data are gone.`,
    where: at('standby', undefined, path),
    evidence: [
      evidence(
        'it streamed',
        streamed === undefined ? 'before' : `last at ${streamed.toISOString()}`,
        `${engine} logs ${name}`,
      ),
    ],
    remedy: safe('Take a new base backup of its primary.', copyAgain('client', `${engine}:${name}`)),
  };
}

/** A tmpfs is empty at each start of its container (`docker run --tmpfs`), and no other container has it. */
const inMemory = (control: OfContainer, path: string): Fault => ({
  title: `The data of the container "${control.name}" are in memory`,
  message: `${path} is on a tmpfs, which is empty at each start of the container: its entrypoint ran initdb there, and a base backup would be gone with the next stop.`,
  where: at('standby', undefined, path),
  evidence: [evidence(path, 'tmpfs', '/proc/self/mountinfo')],
  remedy: safe(
    'Give the container a volume, and take a new base backup of its primary.',
    ...(createdAgain(control, `a volume at ${path} in place of the tmpfs`) ?? []),
    copyAgain('client', `${control.engine ?? 'docker'}:${control.name}`),
  ),
});

/** Nothing is left that says which primary it had. */
export const copyAgain = (side: Side, directory: string): Step =>
  manual(
    side,
    `Take a new base backup into it: ${cloneLine(directory)}, with the host of its primary and a role that may replicate. It says what has to go aside first.`,
  );

/** A word in capitals stands for what is not known. */
export function cloneLine(directory: string, of?: Pick<AdminServer, 'host' | 'port' | 'replicationRoles'>): string {
  const [role, another] = (of?.replicationRoles ?? []).filter(({ superuser }) => !superuser);
  const user = role === undefined || another !== undefined ? 'ROLE' : shellWord(role.name);
  const port = of === undefined || of.port === 5432 ? '' : ` -p ${of.port}`;
  return `standbylint clone -h ${of === undefined ? 'PRIMARY' : shellWord(of.host)}${port} -U ${user} -D ${shellWord(directory)} -R --start`;
}
