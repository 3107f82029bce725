import { ifSeen, withoutAdmin } from '../../facts/observed.ts';
import type { Evidence } from '../../findings/report.ts';
import type { ControlFile } from '../../postgres/control-file.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import type { Judgement } from '../../findings/judgement.ts';

export const architectureDiffers = defineRule({
  id: 'platform/architecture-differs',
  title: 'This machine has another architecture than the primary',
  severity: 'error',
  provenBy: 'streaming',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['localPlatform'],
  wants: ['primary', 'controlFile'],
  // the pages of WAL have another layout, too
  explains: ['wal/segment-damaged'],
  docs: {
    what: "Compares the primary's architecture (version()) with this machine's: byte order and word size, which determine the format of the data files, and the signedness of `char`. An existing data directory is more exact: global/pg_control contains the byte order, the alignment and the floating-point format of the machine that created it.",
    why: 'The format of a data directory depends on the architecture. A server with another byte order or word size refuses the files or misreads them.',
    notes:
      'Between x86-64 and ARM a standby starts and mostly works, but `char` is signed only on x86-64, which changes the order of some indexes (pg_trgm). This is a warning.',
    references: [
      'Planning: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-PLANNING',
      'src/include/catalog/pg_control.h: ControlFileData',
      'Release 18, default_char_signedness: https://www.postgresql.org/docs/18/release-18.html',
    ],
  },
  judge({ primary: observed, controlFile, localPlatform: { architecture } }) {
    const control = ifSeen(controlFile);
    if (control?.ok === true) {
      const foreign = foreignFiles(control.value, kindOf(architecture));
      if (foreign !== undefined) return notOfThisMachine(foreign, architecture);
    }
    const primary = ifSeen(observed);
    if (control?.ok === true && primary?.platform === undefined)
      return pass(
        `byte order, alignment and floating-point format in pg_control are those of this machine (${architecture})`,
      );
    if (primary === undefined)
      return observed.status === 'not-applicable'
        ? notApplicable(observed.why)
        : unexamined(
            observed.status === 'unseen' ? observed.why : { kind: 'tool', because: 'the primary was not reached' },
          );
    if (primary.sameMachine) return pass(`the primary runs on this machine (${architecture})`);
    if (primary.platform === undefined)
      return unexamined(withoutAdmin('not-asked', "a replication connection does not show the primary's architecture"));
    const there = builtFor(primary.platform, primary.wordSize);
    const here = kindOf(architecture);
    if (there === undefined || here === undefined)
      return unexamined({
        kind: 'tool',
        because: `standbylint does not know whether ${primary.platform} and ${architecture} are compatible`,
      });
    if (there.name === here.name && there.bits === here.bits) return pass(`both are ${here.name}`);
    const seen = [
      evidence('primary', `${primary.platform} (${words(there)})`, 'version()'),
      evidence('this machine', `${architecture} (${words(here)})`, 'operating system'),
    ];
    const side = control === undefined ? 'client' : 'standby';
    const where = at(side);
    if (there.bits !== here.bits || there.order !== here.order)
      return fail({
        message: `The primary runs on ${there.name} (${words(there)}), but this machine is ${here.name} (${words(here)}): a server on this machine cannot use its files.`,
        where,
        evidence: seen,
        remedy: safe(
          'Run the standby on a machine with the same architecture.',
          manual(side, `Use a machine with ${there.name}, or logical replication, which does not copy files.`),
        ),
      });
    return fail({
      severity: 'warning',
      message: `The primary runs on ${there.name} and this machine is ${here.name}. The files fit, but PostgreSQL does not guarantee that it works${there.signed === here.signed ? '' : ': char is signed on only one of them, which changes the order of some indexes'}.`,
      where,
      evidence: seen,
      remedy: safe(
        'Run the standby on a machine with the same architecture.',
        manual(side, `Use a machine with ${there.name}.`),
      ),
    });
  },
});

/** What in the control file another kind of machine has written (xlog.c, ReadControlFile). */
function foreignFiles(control: ControlFile, here: Kind | undefined): Evidence | undefined {
  if (here !== undefined && control.byteOrder !== here.order)
    return evidence('byte order', `${control.byteOrder}-endian`, 'pg_control');
  if (here?.bits === 64 && control.maxAlign !== 8)
    return evidence('maximum data alignment', String(control.maxAlign), 'pg_control');
  return control.floatFormatIsIeee ? undefined : evidence('floating-point numbers', 'not IEEE 754', 'pg_control');
}

const notOfThisMachine = (found: Evidence, architecture: string): Judgement =>
  fail({
    message: `A machine with another architecture created the data directory (${found.label}: ${found.value}). This machine is ${architecture}, and a server on it refuses the files.`,
    where: at('standby'),
    evidence: [found, evidence('this machine', architecture, 'operating system')],
    remedy: safe(
      'Run the standby on a machine with the same architecture.',
      manual(
        'standby',
        'Use a machine with the same architecture as the primary, or logical replication, which does not copy files.',
      ),
    ),
  });

interface Kind {
  readonly name: string;
  readonly bits: 32 | 64;
  readonly order: 'little' | 'big';
  /** Whether C's `char` is signed by default. */
  readonly signed: boolean;
}

const words = ({ bits, order }: Kind): string => `${bits} bits, ${order}-endian`;

/** A compiler that can make programs for both word sizes is configured with one name: the word size of the build decides. */
function builtFor(platform: string, wordSize: number | undefined): Kind | undefined {
  const kind = kindOf(platform.split('-')[0] ?? '');
  return kind === undefined || (wordSize !== 32 && wordSize !== 64) ? kind : { ...kind, bits: wordSize };
}

/** By the names of config.guess and of Node.js (process.arch). */
function kindOf(name: string): Kind | undefined {
  const found = kinds.find(([pattern]) => pattern.test(name));
  return found?.[1];
}

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/^(?:x86_64|amd64|x64)$/, { name: 'x86-64', bits: 64, order: 'little', signed: true }],
  [/^(?:aarch64|arm64)$/, { name: 'ARM 64', bits: 64, order: 'little', signed: false }],
  [/^(?:i[3-6]86|ia32)$/, { name: 'x86', bits: 32, order: 'little', signed: true }],
  [/^arm(?:v\d.*|hf|el)?$/, { name: 'ARM 32', bits: 32, order: 'little', signed: false }],
  [/^(?:powerpc64le|ppc64le|ppc64)$/, { name: 'POWER (little-endian)', bits: 64, order: 'little', signed: false }],
  [/^powerpc64$/, { name: 'POWER', bits: 64, order: 'big', signed: false }],
  [/^s390x$/, { name: 's390x', bits: 64, order: 'big', signed: false }],
  [/^riscv64$/, { name: 'RISC-V', bits: 64, order: 'little', signed: false }],
  [/^(?:loongarch64|loong64)$/, { name: 'LoongArch', bits: 64, order: 'little', signed: true }],
];
