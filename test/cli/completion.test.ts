import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { programHelp } from '../../src/cli/program.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { hasTool } from '../lab/tool.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standbylint-completion-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'data one'));
  await writeFile(join(folder, 'facts.json'), '');
  await writeFile(join(folder, 'bin/standbylint'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(join(folder, 'bin/standbylint'), 0o755);
  const targets = { 'eu-one': { command: 'postmortem', pgdata: '/x' }, copy: { command: 'preflight', pgdata: '/y' } };
  await writeFile(join(folder, 'standbylint.config.json'), JSON.stringify({ targets }));
});

afterAll(async () => rm(folder, { recursive: true }));

/** Each shows the line as it is edited, at the press of ^G. */
const shells = {
  bash: {
    start: 'bash --norc --noprofile -i',
    prepare: [`bind -x '"\\C-g": printf "\\nLINE<%s>\\n" "$READLINE_LINE"'`, 'bind "set bell-style none"'],
  },
  zsh: {
    start: 'zsh -f -i',
    prepare: [
      'autoload -Uz compinit && compinit -u -D',
      'unsetopt beep listbeep zle_bracketed_paste; shown() { print; print -r -- "LINE<$BUFFER>"; }',
      'zle -N shown; bindkey "^G" shown',
    ],
  },
  fish: {
    start: 'fish --no-config -i',
    prepare: [String.raw`bind \cg 'printf "\nLINE<%s>\n" (commandline)'`],
  },
} as const;

/** What the line is after these keys, each time at a prompt of one real shell on a terminal of its own. */
async function linesAfter(shell: keyof typeof shells, typed: readonly string[]): Promise<readonly string[]> {
  const child = spawn('script', ['-qec', shells[shell].start, '/dev/null'], {
    cwd: folder,
    env: { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8', COLUMNS: '200' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const seen = async (pattern: RegExp): Promise<string> => {
    for (const until = Date.now() + 20_000; Date.now() < until;) {
      const found = pattern.exec(shown)?.[1];
      if (found !== undefined) return found;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    throw new Error(`${shell} did not show ${String(pattern)}:\n${shown}`);
  };
  const source =
    shell === 'fish' ? 'standbylint completion fish | source' : `eval "$(standbylint completion ${shell})"`;
  try {
    for (const command of [...shells[shell].prepare, source]) child.stdin.write(`${command}\r`);
    child.stdin.write('echo prep""ared\r');
    await seen(/(prepared)/u);
    const lines: string[] = [];
    for (const keys of typed) {
      shown = '';
      child.stdin.write(`${keys}\t\u0007`);
      lines.push(await seen(/LINE<([^\r\n]*)>/u));
      child.stdin.write(shell === 'fish' ? '\u0015' : '\u0005\u0015');
    }
    return lines;
  } finally {
    child.kill();
    await once(child, 'close');
  }
}

/** What is typed before the tab, and the line behind it. */
const completions: readonly (readonly [string, string])[] = [
  ['standbylint postm', 'standbylint postmortem '],
  ['standbylint postmortem --accept', 'standbylint postmortem --accept-unexamined '],
  ['standbylint postmortem --format pro', 'standbylint postmortem --format prometheus '],
  ['standbylint preflight --fail-on w', 'standbylint preflight --fail-on warning '],
  ['standbylint preflight pg_basebackup -X str', 'standbylint preflight pg_basebackup -X stream '],
  ['standbylint clone --manifest-checksums SHA2', 'standbylint clone --manifest-checksums SHA2'],
  ['standbylint explain slot/los', 'standbylint explain slot/lost '],
  ['standbylint postmortem --target e', 'standbylint postmortem --target eu-one '],
  ['standbylint analyze fac', 'standbylint analyze facts.json '],
  ['standbylint undo --dry', 'standbylint undo --dry-run '],
  ['standbylint completion f', 'standbylint completion fish '],
  ['standbylint help expl', 'standbylint help explain '],
  ['standbylint collect postmortem --log-b', 'standbylint collect postmortem --log-bytes '],
  ['standbylint postmortem --color=alw', 'standbylint postmortem --color=always '],
  [
    'standbylint postmortem --accept-unexamined=wal/x,slot/los',
    'standbylint postmortem --accept-unexamined=wal/x,slot/lost ',
  ],
  ['standbylint postmortem --config=standb', 'standbylint postmortem --config=standbylint.config.json '],
  ['standbylint postmortem --pgdata=dat', String.raw`standbylint postmortem --pgdata=data\ one/`],
  ['standbylint postmortem -D dat', String.raw`standbylint postmortem -D data\ one/`],
  // nothing is known of a connection string
  ['standbylint postmortem --admin hos', 'standbylint postmortem --admin hos'],
];

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  it.runIf(hasTool(shell) && hasTool('script'))('completes on a terminal', async () => {
    const lines = await linesAfter(
      shell,
      completions.map(([typed]) => typed),
    );
    // zsh keeps the space behind a directory to itself, and fish adds none where one word fits that is a path
    const trimmed = (line: string): string => line.trimEnd();
    expect(lines.map(trimmed)).toEqual(completions.map(([, line]) => trimmed(line)));
  });
});

/** What the program answers to a shell. */
async function answer(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa(process.execPath, [program, 'complete'], {
    cwd: folder,
    input: words.map((word) => `${word}\0`).join(''),
  });
  const [, ...lines] = stdout.split('\n');
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe('what --help tells is what is completed', async () => {
  const { commands } = await programHelp();

  it.each(commands.map(({ page }) => [page.command, page] as const))('%s', async (command, page) => {
    const names = page.options.flatMap(({ options }) => options.map(({ long }) => `--${long}`));
    expect(new Set(await answer(command, '--'))).toEqual(new Set(names));
    expect(await answer(command)).toEqual([command]);
  });

  it('a value that is typed does not reach the list of processes', async () => {
    const { stdout } = await runStandbylint(['completion', 'bash']);
    expect(stdout).toContain('| standbylint complete');
    expect(await answer('postmortem', '--admin', 'password=geheim')).toEqual([]);
  });

  it.each([
    [['preflight', '-vD', 'x', '--targ'], ['--target']],
    [['postmortem', '--log', 'a', 'b', '--log-'], ['--log-bytes']],
    [['postmortem', '--', '--log-'], []],
    [
      ['preflight', '--target', 'c'],
      ['copy', 'client'],
    ],
    [['preflight', '-F', 't'], ['t']],
    [['fleet', 'eu-one', 'c'], ['copy']],
    [['nothing', '--he'], []],
  ])('%j', async (words, expected) => {
    expect(await answer(...words)).toEqual(expected);
  });
});
