import { ifSeen } from '../../facts/observed.ts';
import { isDataDirectory } from '../../facts/data-directory.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import type { Judgement } from '../../findings/judgement.ts';

export const wrongOwner = defineRule({
  id: 'standby/wrong-owner',
  title: 'The data directory is not owned by the user that runs the server',
  severity: 'error',
  commands: ['postmortem'],
  needs: [],
  wants: ['dataDirectory', 'dataDirectoryPlace', 'operatingSystemUser', 'standbyControl', 'standbyServerUser'],
  explains: [
    ...notStreaming,
    'standby/files-closed',
    'standby/config-file-error',
    'client/passfile-ignored',
    'client/passfile-no-match',
    'conninfo/no-password',
  ],
  messages: ['data-dir-wrong-ownership'],
  says: ['could not open file "%s": Permission denied'],
  docs: {
    what: 'Fails when the data directory is owned by root, or when the files that the server opens first have a different owner than the directory.',
    why: 'The server runs only as the owner of its data directory, never as root, and cannot open files of another user.',
    notes: 'The usual cause is a copy that root created or unpacked. Links are ignored: their owner does not matter.',
    references: ['src/backend/utils/init/miscinit.c: checkDataDir()', 'src/backend/main/main.c: check_root()'],
  },
  judge({ dataDirectory: observed, dataDirectoryPlace, operatingSystemUser, standbyControl, standbyServerUser }) {
    if (observed.status === 'not-applicable') return notApplicable(observed.why);
    if (observed.status === 'unseen') {
      const place = ifSeen(dataDirectoryPlace);
      const isOfRoot = place?.state.kind === 'unreadable' && place.state.owner?.uid === 0;
      return isOfRoot
        ? closedByRoot(place.path, ifSeen(operatingSystemUser)?.serverUser ?? 'postgres')
        : unexamined(observed.why);
    }
    const dataDirectory = observed.value;
    const { path, owner, postmaster } = dataDirectory;
    if (!isDataDirectory(dataDirectory)) return notApplicable(`${path} is not a data directory`);
    const runs = postmaster?.process === 'running';
    // written anew at each start (postmaster.c, CreateOptsFile), and only then
    const ofOthers = dataDirectory.ofOthers.filter(({ path: file }) => !runs || !file.endsWith('/postmaster.opts'));
    const runsAs = runs ? postmaster.uid : undefined;
    const rootOwned = owner.uid === 0;
    const serverUser = ifSeen(operatingSystemUser)?.serverUser;
    const user = ifSeen(standbyServerUser);
    const given = user?.given === true ? user : undefined;
    // a reinstalled machine gives postgres another number; where a container owns the directory, its user is given
    const isOfNobody =
      given === undefined &&
      !runs &&
      owner.name === String(owner.uid) &&
      user?.canActAs === true &&
      !/^\d+$/u.test(serverUser ?? '0');
    const isOfGiven = given === undefined || given.uid === owner.uid;
    const expected =
      given === undefined
        ? isOfNobody
          ? (serverUser ?? 'postgres')
          : rootOwned
            ? (ofOthers.find(({ uid }) => uid !== 0)?.owner ?? serverUser ?? 'postgres')
            : owner.name
        : given.name;
    if (
      !rootOwned &&
      !isOfNobody &&
      isOfGiven &&
      ofOthers.length === 0 &&
      (runsAs === undefined || runsAs === owner.uid)
    )
      return pass(`${path} and the files that the server opens first are owned by ${owner.name}`);
    const what = isOfNobody
      ? `${path} is owned by user ID ${owner.uid}, which no account of this machine has`
      : rootOwned
        ? `${path} is owned by root, and a server never runs as root`
        : given !== undefined && !isOfGiven
          ? `${path} is owned by ${owner.name}, but its container runs the server as ${given.name}`
          : ofOthers.length > 0
            ? `${path} is owned by ${owner.name}, but ${ofOthers.map((one) => one.path.slice(path.length + 1)).join(', ')} to ${[...new Set(ofOthers.map((one) => one.owner))].join(' and ')}`
            : `${path} is owned by ${owner.name}, but the server on it runs as another user`;
    const onlyFiles = !rootOwned && isOfGiven && ofOthers.length > 0;
    return fail({
      ...(onlyFiles ? { title: 'Files of the data directory are owned by another user' } : {}),
      severity: runs ? 'warning' : 'error',
      message: `${what}: ${runs ? 'the server will not start again' : 'the server does not start'}.`,
      where: at('standby', undefined, path),
      evidence: [
        evidence('owner', `${owner.name} (${owner.uid})`, `stat ${path}`),
        ...(given === undefined || isOfGiven
          ? []
          : [evidence('user of the container', `${given.name} (${given.uid})`, 'its configuration')]),
        ...ofOthers.map((one) => evidence(one.path, `${one.owner} (${one.uid})`, 'stat')),
      ],
      remedy: safe(
        `Give it to ${expected}${runs ? '' : ', and start the server'}.`,
        asRoot('standby', `chown -R ${ownerWord(expected, given ?? owner)} ${shellWord(path)}`, 'change-owner', path),
        ...(runs ? [] : [intoUse(standbyControl, dataDirectory)]),
      ),
    });
  },
});

/** Of a number without a name, `chown N:` knows no group. */
const ownerWord = (name: string, { uid, gid }: { readonly uid: number; readonly gid: number }): string =>
  name === String(uid) ? `${uid}:${gid}` : `${shellWord(name)}:`;

/** What is in it only root can see. */
const closedByRoot = (path: string, user: string): Judgement =>
  fail({
    title: 'The data directory is owned by root',
    message: `${path} is owned by root and not accessible to other users. A server runs only as the owner of its data directory, and never as root, so it does not start.`,
    where: at('standby', undefined, path),
    evidence: [evidence('owner', 'root (0)', `stat ${path}`)],
    remedy: safe(
      `Give it to ${user}, and start the server.`,
      asRoot('standby', `chown -R ${shellWord(user)}: ${shellWord(path)}`, 'change-owner', path),
      manual('standby', `Start the server as ${user}, in the way that it is usually started.`),
    ),
  });
