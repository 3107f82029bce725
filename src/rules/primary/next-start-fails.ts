import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { HbaRules, Primary } from '../../facts/primary.ts';
import type { PrimaryStart } from '../../facts/primary-start.ts';
import type { Evidence, Step } from '../../findings/report.ts';
import { allOf, capitalized } from '../../findings/sentence.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { asRoot, manual, safe } from '../../remedies/remedy.ts';
import { modeSet, moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { modeText } from '../../postgres/file-mode.ts';

export const nextStartFails = defineRule({
  id: 'primary/next-start-fails',
  title: 'The next start of the primary fails, or makes it a standby',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['primaryStart', 'hbaRules', 'primary'],
  docs: {
    what: 'Looks at what a running primary reads only when it starts. Fails on `standby.signal` or `recovery.signal` in its data directory. Warns about `recovery.conf`, about `backup_label` (from release 15 on: before, an exclusive backup makes it), about a pg_hba.conf that is missing, has no entry or cannot be read by the server, and, where the data directory is on this machine, about its mode and that of the TLS key.',
    why: 'All works as long as the server runs. At its next start, after an update, a crash or a reboot, the primary does not start, or starts as a standby that accepts no writes.',
    notes:
      'A server ends recovery only after it has removed its signal file, so one on a running primary was put there afterwards. With --admin as a superuser the files are seen over SQL; modes are seen on the same machine only.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: readRecoverySignalFile()',
      'src/backend/libpq/hba.c: load_hba()',
      'src/backend/utils/init/miscinit.c: checkDataDir()',
      'src/backend/libpq/be-secure-common.c: check_ssl_key_file_permissions()',
    ],
  },
  judge({ primaryStart, hbaRules, primary, now }) {
    if (primaryStart.status === 'unseen') return unexamined(primaryStart.why, 'warning');
    if (primaryStart.status === 'not-applicable') return pass(primaryStart.why);
    const found = [
      ...fileTroubles(primaryStart.value, ifSeen(primary), now),
      ...hbaTroubles(primaryStart.value, hbaRules),
      ...modeTroubles(primaryStart.value),
    ];
    const [first] = found;
    if (first === undefined)
      return pass(`nothing was found that the next start would stumble over (${primaryStart.source})`);
    return fail({
      severity: found.some(({ becomesStandby }) => becomesStandby) ? 'error' : 'warning',
      title: first.title,
      message: `${found.map(({ message }) => message).join(' ')} Until it is restarted, the server works as before.`,
      where: at('primary', ifSeen(primary)?.name, first.path),
      evidence: found.map(({ seen: [label, value] }) => evidence(label, value, primaryStart.source)),
      remedy: safe(
        `${capitalized(allOf(found.map(({ remedy }) => remedy)))}. Do not restart the primary before.`,
        ...found.flatMap(({ steps }) => steps),
      ),
    });
  },
});

interface Trouble {
  readonly path: string;
  readonly title: string;
  readonly message: string;
  readonly becomesStandby?: true;
  readonly seen: readonly [label: Evidence['label'], value: string];
  readonly remedy: string;
  readonly steps: readonly Step[];
}

/** On a standby a signal file is right, and backup_label goes once it is consistent. */
function fileTroubles(
  { dataDirectory, files }: PrimaryStart,
  primary: Primary | undefined,
  now: Date,
): readonly Trouble[] {
  return files.flatMap((name) => {
    const does = doings.get(name);
    const isMeant =
      (name !== 'recovery.conf' && primary?.inRecovery !== false) ||
      (name === 'backup_label' && (primary?.major ?? 13) < 15);
    if (does === undefined || isMeant) return [];
    const path = `${dataDirectory}/${name}`;
    return {
      path,
      title: `${name} is in the data directory of the running primary: ${does.title}`,
      message: `${path} exists, and ${does.message}.`,
      ...(name === 'standby.signal' || name === 'recovery.signal' ? { becomesStandby: true as const } : {}),
      seen: [name, 'exists'],
      remedy: `move ${name} aside`,
      steps: [moved('primary', path, backupName(path, now))],
    };
  });
}

const doings: ReadonlyMap<string, { readonly title: string; readonly message: string }> = new Map([
  [
    'standby.signal',
    {
      title: 'its next start makes it a standby',
      message: 'the next start makes this primary a standby: it accepts no writes and waits for an upstream',
    },
  ],
  [
    'recovery.signal',
    {
      title: 'its next start is a recovery from the archive',
      message:
        'the next start is a recovery from the archive, which fails without restore_command and begins a new timeline with it',
    },
  ],
  [
    'recovery.conf',
    { title: 'it will not start again', message: 'from release 12 on no server starts with that file' },
  ],
  [
    'backup_label',
    {
      title: 'its next start recovers from an old checkpoint',
      message:
        'the next start recovers from the checkpoint that it names, or fails if the WAL from there on has been removed',
    },
  ],
]);

function hbaTroubles({ hba, account }: PrimaryStart, rules: Observed<HbaRules>): readonly Trouble[] {
  const { file, missing, closed } = hba;
  const without = 'A server that is starting exits with "could not load pg_hba.conf", and a reload keeps the old rules';
  const again = manual(
    'primary',
    `Put ${file} back, from a backup or from what manages the configuration; its standbys often have a copy of it in their data directories. The running server cannot show the rules that it has in memory.`,
  );
  const one = (what: string, remedy: string, step: Step): readonly Trouble[] => [
    {
      path: file,
      title: `The primary's pg_hba.conf ${what}: it will not start again`,
      message: `${file} ${what}. ${without}.`,
      seen: [file, what],
      remedy,
      steps: [step],
    },
  ];
  if (missing) return one('does not exist', 'put pg_hba.conf back', again);
  if (closed !== undefined) {
    const place = shellWord(closed.path);
    return one(
      `cannot be read by ${account ?? 'the server'} (owner ${closed.owner.name}, mode ${modeText(closed.mode)})`,
      'let the server read pg_hba.conf',
      closed.own
        ? modeSet('primary', closed.path, '0600', closed.mode)
        : asRoot(
            'primary',
            `chown ${shellWord(account ?? '')}: ${place} && chmod u+r ${place}`,
            'change-owner',
            closed.path,
          ),
    );
  }
  if (rules.status === 'seen' && rules.value.file === file && rules.value.lines.length === 0)
    return one('has no entry', 'write its entries again', again);
  return [];
}

function modeTroubles({ dataDirectory, openMode, key }: PrimaryStart): readonly Trouble[] {
  const troubles: Trouble[] = [];
  if (openMode !== undefined)
    troubles.push({
      path: dataDirectory,
      title: `The primary's data directory has mode ${modeText(openMode)}: it will not start again`,
      message: `${dataDirectory} has mode ${modeText(openMode)}, and a server starts only with 0700 or 0750.`,
      seen: ['mode', modeText(openMode)],
      remedy: 'restrict the data directory to its owner',
      steps: [modeSet('primary', dataDirectory, '0700', openMode)],
    });
  if (key?.problem === 'open')
    troubles.push({
      path: key.file,
      title: `The primary's TLS key has mode ${modeText(key.mode)}: it will not start again`,
      message: `${key.file} has mode ${modeText(key.mode)}. A server that is starting refuses a key that others may read, and a reload keeps the old one.`,
      seen: ['mode of the key', modeText(key.mode)],
      remedy: 'restrict the key',
      steps: [
        key.ofRoot === true
          ? asRoot('primary', `chmod 0640 ${shellWord(key.file)}`, 'change-mode', key.file)
          : modeSet('primary', key.file, '0600', key.mode),
      ],
    });
  if (key?.problem === 'missing')
    troubles.push({
      path: key.file,
      title: "The primary's TLS key does not exist: it will not start again",
      message: `ssl is on, and ${key.file} does not exist. A server that is starting exits with "could not load private key file".`,
      seen: [key.file, 'does not exist'],
      remedy: 'put the key back',
      steps: [manual('primary', `Put the key of its certificate back at ${key.file}, mode 0600.`)],
    });
  return troubles;
}
