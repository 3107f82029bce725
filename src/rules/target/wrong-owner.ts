import { checkAgainAs } from '../../remedies/command-line.ts';
import { isInContainer } from '../../remedies/in-its-volumes.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, safe } from '../../remedies/remedy.ts';
import { isForeign } from '../../remedies/foreign-content.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const wrongOwner = defineRule({
  id: 'target/wrong-owner',
  title: 'pg_basebackup runs as another user than the standby',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['operatingSystemUser', 'baseBackup', 'targetDirectory'],
  explains: ['target/not-writable', 'target/permissions'],
  messages: ['data-dir-wrong-ownership'],
  docs: {
    what: 'Compares the user who runs pg_basebackup with the user who will run the server: the owner of the target directory, or `postgres` if the parent directory belongs to that user.',
    why: 'The server starts only on a data directory that its own user owns. pg_basebackup writes files that only their owner can read.',
    references: ['src/backend/utils/init/miscinit.c: checkDataDir()'],
  },
  judge({ operatingSystemUser: user, baseBackup, targetDirectory: place }) {
    if (isForeign(place.state)) return notApplicable(`${place.path} is not touched: it contains other files`);
    if (baseBackup.format === 'tar') return notApplicable('the owner of an archive does not matter');
    if (user.uid === 0) return notApplicable('root runs pg_basebackup, see target/run-as-root');
    const { state } = place;
    const inContainer = isInContainer(baseBackup);
    // what is closed to the user of the container is not read, and its owner is shown
    const owner = state.kind === 'directory' || (inContainer && state.kind === 'unreadable') ? state.owner : undefined;
    const foreign = owner !== undefined && owner.uid !== user.uid;
    // the server runs as the user of its container, whoever owns the directory above
    if (!foreign && (inContainer || user.serverUser === undefined || user.serverUser === user.name))
      return pass(
        owner === undefined
          ? `${user.name} runs pg_basebackup, and nothing indicates that another user will run the server`
          : `${place.path} belongs to ${owner.name}, who runs pg_basebackup`,
      );
    if (foreign && inContainer)
      return fail({
        title: 'The target directory belongs to another user',
        message: `${place.path} belongs to ${owner.name}, but the container runs its server, and so pg_basebackup, as ${user.name}, who cannot write there.`,
        where: at('client', undefined, place.path),
        evidence: [
          evidence('user', `${user.name} (${user.uid})`, 'of the container'),
          evidence('owner', `${owner.name} (${owner.uid})`, `stat ${place.path}`),
        ],
        remedy: safe(
          'Give the directory to the user of the container.',
          asRoot('client', `chown ${user.uid}:${user.gid} ${shellWord(place.path)}`, 'change-owner', place.path),
        ),
      });
    const serverUser = user.serverUser ?? owner?.name ?? 'postgres';
    return fail({
      message: foreign
        ? `${place.path} belongs to ${owner.name}, but ${user.name} runs pg_basebackup. The files would belong to two different users, so the server would not start as either of them.`
        : `${user.name} runs pg_basebackup, but ${serverUser} will run the server on ${place.path} and cannot read the files of ${user.name}.`,
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
