import { checkAgainAs } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { isForeign } from '../../remedies/foreign-content.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const wrongOwner = defineRule({
  id: 'target/wrong-owner',
  title: 'The copy would belong to a user who will not run the server',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['operatingSystemUser', 'baseBackup', 'targetDirectory'],
  explains: ['target/not-writable', 'target/permissions'],
  says: ['data directory "%s" has wrong ownership'],
  docs: {
    what: 'Compares the user who runs pg_basebackup with the one who will run the server: the owner of the target directory, or `postgres` where the directory above belongs to that user.',
    why: 'The server starts only on a data directory that belongs to its own user, and reads only what that user may read. pg_basebackup writes files that nobody but their owner can read.',
    references: ['backend/utils/init/miscinit.c, checkDataDir()'],
  },
  judge({ operatingSystemUser: user, baseBackup, targetDirectory: place }) {
    if (isForeign(place.state)) return notApplicable(`${place.path} is not touched: it holds other files`);
    if (baseBackup.format === 'tar') return notApplicable('the owner of an archive does not matter');
    if (user.uid === 0) return notApplicable('root runs pg_basebackup: target/run-as-root speaks of that');
    const { state } = place;
    const owner = state.kind === 'directory' ? state.owner : undefined;
    const foreign = owner !== undefined && owner.uid !== user.uid;
    if (!foreign && (user.serverUser === undefined || user.serverUser === user.name))
      return pass(
        owner === undefined
          ? `${user.name} runs pg_basebackup, and nothing says that another user will run the server`
          : `${place.path} belongs to ${owner.name}, who runs pg_basebackup`,
      );
    const serverUser = user.serverUser ?? owner?.name ?? 'postgres';
    return fail({
      message: foreign
        ? `${place.path} belongs to ${owner.name}, and ${user.name} runs pg_basebackup. A server of either user would find files there that belong to the other, and would not start.`
        : `${user.name} runs pg_basebackup, and ${serverUser} will run the server on ${place.path}. What ${user.name} writes ${serverUser} cannot read.`,
      where: at('client', undefined, place.path),
      evidence: [
        evidence('user', `${user.name} (${user.uid})`, 'geteuid(2)'),
        owner === undefined
          ? evidence('will run the server', serverUser, `the owner of ${place.nearest.path}`)
          : evidence('owner', `${owner.name} (${owner.uid})`, `stat ${place.path}`),
      ],
      remedy: safe(`Run it as ${serverUser}.`, checkAgainAs(baseBackup, serverUser)),
    });
  },
});
