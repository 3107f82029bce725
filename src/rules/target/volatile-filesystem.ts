import { ifSeen } from '../../facts/observed.ts';
import type { Place } from '../../facts/machine.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import type { Fault } from '../rule.ts';

export const volatileFilesystem = defineRule({
  id: 'target/volatile-filesystem',
  title: 'The copy would lie on a file system that does not last, or that PostgreSQL is not safe on',
  severity: 'warning',
  commands: ['preflight', 'clone'],
  needs: ['targetDirectory'],
  wants: ['walDirectory', 'tablespaceTargets'],
  docs: {
    what: 'Looks at the kind of file system that each place lies on: memory (tmpfs), the writable layer of a container (overlay), a share of another machine (NFS, SMB and others).',
    why: "What lies in memory or in a container's layer is gone after a restart or a new deployment. On a network share PostgreSQL is safe only with the mount options that the manual demands.",
    references: ['PostgreSQL manual, section 18.2.2, File Systems (NFS)', 'tmpfs(5)'],
  },
  judge({ targetDirectory, walDirectory, tablespaceTargets }) {
    const places = [
      targetDirectory,
      ifSeen(walDirectory),
      ...(ifSeen(tablespaceTargets) ?? []).map(({ place }) => place),
    ];
    const known = places.flatMap((place) => (place?.fileSystem === undefined ? [] : [{ place, on: place.fileSystem }]));
    const faults = known.flatMap(({ place, on }): readonly Fault[] => {
      const danger = dangerOf(on.type);
      return danger === undefined ? [] : [faultOf(place, on.type, on.mountPoint, danger)];
    });
    const [first, ...others] = faults;
    if (first !== undefined) return fail(first, ...others);
    const named = known.filter(({ on }) => on.type !== '');
    if (named.length === 0)
      return unexamined({ kind: 'unreadable', because: 'this system does not tell the kind of its file systems' });
    return pass(named.map(({ place, on }) => `${place.path} lies on ${on.type}`).join(', '));
  },
});

function dangerOf(type: string): string | undefined {
  if (type === 'tmpfs' || type === 'ramfs') return 'It is kept in memory, and gone when this machine restarts.';
  if (/^(?:overlay|aufs)$/.test(type))
    return "It is a container's own layer, and gone when the container is made anew.";
  if (/^(?:nfs|cifs|smb|9p|ceph|afs|fuse\.(?:sshfs|glusterfs|s3fs|davfs|rclone))/.test(type))
    return 'It is a share of another machine: PostgreSQL is safe there only with synchronous, hard mounts, and a lost network stops the server.';
  return undefined;
}

function faultOf(place: Place, type: string, mountPoint: string, danger: string): Fault {
  return {
    message: `${place.path} lies on ${type} (mounted at ${mountPoint}). ${danger}`,
    where: at('client', undefined, place.path),
    evidence: [evidence('file system', `${type} at ${mountPoint}`, '/proc/self/mountinfo')],
    remedy: safe(
      'Choose a place on a disk of this machine, or on a volume.',
      manual('client', `Give a directory on a lasting file system instead of ${place.path}.`),
    ),
  };
}
