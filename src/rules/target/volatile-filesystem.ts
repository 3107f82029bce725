import { targetPlaces } from '../../derived/target-places.ts';
import type { Place } from '../../facts/machine.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import type { Fault } from '../../findings/judgement.ts';

export const volatileFilesystem = defineRule({
  id: 'target/volatile-filesystem',
  title: 'The target is on a volatile or unsafe file system',
  severity: 'warning',
  endangersData: true,
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  wants: ['walDirectory', 'tablespaceTargets'],
  docs: {
    what: 'Checks the type of file system of each target directory: memory (tmpfs), the writable layer of a container (overlay), a network share (NFS, SMB and others).',
    why: "Data in memory or in a container's layer is lost at a restart or a new deployment. On a network share PostgreSQL is safe only with the mount options that the manual requires.",
    references: [
      'File Systems, NFS: https://www.postgresql.org/docs/current/creating-cluster.html#CREATING-CLUSTER-NFS',
      'tmpfs(5)',
    ],
  },
  judge(facts) {
    const known = targetPlaces(facts).flatMap((place) =>
      place.fileSystem === undefined ? [] : [{ place, on: place.fileSystem }],
    );
    const faults = known.flatMap(({ place, on }): readonly Fault[] => {
      const danger = dangerOf(on.type);
      return danger === undefined ? [] : [faultOf(place, on.type, on.mountPoint, danger)];
    });
    const [first, ...others] = faults;
    if (first !== undefined) return fail(first, ...others);
    const named = known.filter(({ on }) => on.type !== '');
    if (named.length === 0)
      return unexamined({
        kind: 'unreadable',
        because: 'this operating system does not show the type of its file systems',
      });
    return pass(named.map(({ place, on }) => `${place.path} is on ${on.type}`).join(', '));
  },
});

function dangerOf(type: string): string | undefined {
  if (type === 'tmpfs' || type === 'ramfs') return 'It is in memory, and lost when this machine restarts.';
  if (/^(?:overlay|aufs)$/.test(type))
    return "It is a container's own layer, and lost when the container is recreated.";
  if (/^(?:nfs|cifs|smb|9p|ceph|afs|fuse\.(?:sshfs|glusterfs|s3fs|davfs|rclone))/.test(type))
    return 'It is a network share: PostgreSQL is safe on it only with synchronous, hard mounts, and a network outage stops the server.';
  return undefined;
}

function faultOf(place: Place, type: string, mountPoint: string, danger: string): Fault {
  return {
    message: `${place.path} is on ${type} (mounted at ${mountPoint}). ${danger}`,
    where: at('client', undefined, place.path),
    evidence: [evidence('file system', `${type} at ${mountPoint}`, '/proc/self/mountinfo')],
    remedy: safe(
      'Choose a directory on a local disk or on a volume.',
      manual('client', `Give a directory on a persistent file system instead of ${place.path}.`),
    ),
  };
}
