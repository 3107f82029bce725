import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { resolve } from '../../src/cli/configuration/resolve.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';

async function folderWith(content: unknown): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'standbylint-configuration-'));
  onTestFinished(async () => rm(made, { recursive: true }));
  await chmod(made, 0o777);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  if (content !== undefined) await writeFile(join(made, 'standbylint.config.json'), text);
  return made;
}

async function says(content: unknown, words: readonly string[] = ['config']): Promise<StandbylintResult> {
  return runStandbylint(words, { cwd: await folderWith(content) });
}

const accepted = { rule: 'slot/missing', subject: 's1', reason: 'moves in January', until: '2027-01-31' };

describe('what does not fit is refused, with what to write instead', () => {
  const target = (more: object) => ({ targets: { a: { command: 'postmortem', pgdata: '/x', ...more } } });
  it.each<readonly [string, unknown, RegExp, RegExp]>([
    ['a key', { optoins: {} }, /the key "optoins" does not exist/u, /Did you mean options\?/u],
    ['a key of a target', target({ pgdta: '/x' }), /targets\.a: the key "pgdta"/u, /Did you mean pgdata\?/u],
    ['--fix in a target', target({ fix: true }), /the key "fix" does not exist/u, /./u],
    ['no command', { targets: { a: {} } }, /the key "command" is missing/u, /./u],
    ['another command', { targets: { a: { command: 'clone' } } }, /"command" must be preflight or postmortem/u, /./u],
    ['the name of a backup target', { targets: { blackhole: {} } }, /none of client, server/u, /./u],
    ['a rule', { severity: { 'streaming/lagg': 'error' } }, /Did you mean streaming\/lag\?/u, /./u],
    ['a severity', { severity: { 'streaming/lag': 'eror' } }, /severity\.streaming\/lag must be/u, /error\?/u],
    ['an error made milder', { severity: { 'slot/missing': 'info' } }, /slot\/missing is an error/u, /./u],
    ['an error ignored', { ignore: ['slot/missing'] }, /slot\/missing is an error/u, /./u],
    ['danger ignored', { ignore: ['primary/fsync-off'] }, /data in danger: it cannot be ignored/u, /./u],
    ['danger accepted', { accepted: [{ ...accepted, rule: 'standby/shared-storage' }] }, /cannot be accepted/u, /./u],
    ['no reason', { accepted: [{ ...accepted, reason: undefined }] }, /"reason" is missing/u, /says why/u],
    ['no day', { accepted: [{ ...accepted, until: undefined }] }, /"until" is missing/u, /2027-01-31/u],
    ['a day that is none', { accepted: [{ ...accepted, until: '2027-02-31' }] }, /a day that does not exist/u, /./u],
    ['another target', { accepted: [{ ...accepted, target: 'b' }], ...target({}) }, /target "b" does not/u, /./u],
    ['a size', { thresholds: { lagBytes: '2 gigs' } }, /must be a size, such as "2GB"/u, /./u],
    ['no JSON', '{"a": 1,}', /this is not JSON/u, /comma/u],
    ['no object', '[]', /must be object/u, /./u],
  ])('%s', async (_name, content, sentence, suggestion) => {
    const { exitCode, stdout, stderr } = await says(content);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(suggestion);
  });

  it.each([
    { password: 'hunter2' },
    { targets: { a: { command: 'postmortem', pgdata: '/x', admin: 'host=db1 password=hunter2' } } },
    { targets: { a: { command: 'postmortem', pgdata: '/x', standby: 'postgresql://u:hunter2@db1/' } } },
    { targets: { a: { command: 'preflight', pgdata: '/x', dbname: "host=db1 password = 'hunter2'" } } },
    { options: { admin: 'host=db1 sslpassword=hunter2' } },
    { accepted: [{ ...accepted, reason: 'password=hunter2' }] },
  ])('a password: %j', async (content) => {
    const { exitCode, stdout, stderr } = await says(content);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/password, which does not belong here[\s\S]*\.pgpass/u);
    expect(stderr).not.toContain('hunter2');
  });

  it('a target that does not exist, is for the other command, or has no configuration', async () => {
    const content = { targets: { 'eu-1': { command: 'postmortem', pgdata: '/x' } } };
    expect((await says(content, ['postmortem', '--target', 'eu-2'])).stderr).toMatch(/Did you mean eu-1\?/u);
    expect((await says(content, ['preflight', '--target', 'eu-1'])).stderr).toMatch(/postmortem --target eu-1/u);
    expect((await says(undefined, ['postmortem', '--target', 'eu-1'])).stderr).toMatch(/standbylint init/u);
    const absent = await says(undefined, ['postmortem', '-D', '/x', '--config', '/nowhere.json']);
    expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringMatching(/nowhere\.json could not be read/u)]);
  });
});

describe('the words of a call', () => {
  const words = async (
    command: 'preflight' | 'postmortem',
    content: unknown,
    typed: readonly string[],
  ): Promise<readonly string[]> =>
    (await resolve(command, typed, join(await folderWith(content), 'standbylint.config.json'))).words;

  it('what is typed replaces the target, and that the options, lists as a whole', async () => {
    const content = {
      options: { timeout: 3, full: true, 'accept-unexamined': ['a/b'] },
      targets: { t: { command: 'postmortem', pgdata: '/x', timeout: 7, log: ['/a', '/b'], full: false } },
    };
    expect(await words('postmortem', content, ['--target', 't'])).toEqual([
      ...['--accept-unexamined=a/b', '--pgdata=/x', '--timeout=7', '--log=/a', '--log=/b'],
    ]);
    expect(await words('postmortem', content, ['--target=t', '-D', '/y', '--log', '/c', '/d'])).toEqual([
      ...['--accept-unexamined=a/b', '--timeout=7', '--pgdata=/y', '--log=/c', '--log=/d'],
    ]);
  });

  it("pg_basebackup's --target and --format stay its own", async () => {
    const content = {
      options: { format: 'json' },
      targets: { t: { command: 'preflight', pgdata: '/x', host: 'db1' } },
    };
    expect(await words('preflight', content, ['-F', 'tar', '--target', 'blackhole'])).toEqual([
      ...['--format=json', '-F', 'tar', '--target', 'blackhole'],
    ]);
    expect(
      await words('preflight', content, ['pg_basebackup', '-t', 'client', '-D', '/y', '--format', 'sarif']),
    ).toEqual([...['-t', 'client', '-D', '/y', '--format', 'sarif', '--', 'pg_basebackup']]);
    expect(await words('preflight', content, ['--target', 't', '-R'])).toEqual([
      ...['--format=json', '--pgdata=/x', '--host=db1', '-R'],
    ]);
  });
});

describe('the program', () => {
  const foreign = [
    // only root can give a file away
    {
      what: 'of another user',
      can: process.getuid?.() === 0,
      change: async (file: string) => chown(file, 12_345, 12_345),
    },
    { what: 'that everybody may write', can: true, change: async (file: string) => chmod(file, 0o666) },
  ];
  it.each(foreign.filter(({ can }) => can))('does not use a file $what unless it is named', async ({ change }) => {
    const at = await folderWith({ options: { timeout: 7 } });
    const file = join(at, 'standbylint.config.json');
    await change(file);
    const found = await runStandbylint(['config'], { cwd: at });
    expect([found.exitCode, found.stderr]).toEqual([2, expect.stringMatching(/another user|by everybody/u)]);
    expect((await runStandbylint(['config', '--config', file], { cwd: at })).stdout).toContain('7');
  });

  it('finds it upwards, and the report names it and counts what it accepts', async () => {
    const at = await folderWith({
      thresholds: { lagSeconds: 5 },
      targets: { here: { command: 'postmortem', pgdata: 'data' } },
    });
    await mkdir(join(at, 'below', 'deeper'), { recursive: true });
    await chmod(join(at, 'below', 'deeper'), 0o777);
    const options = { cwd: join(at, 'below', 'deeper') };
    const { json, exitCode } = await runStandbylint(['postmortem', '--target', 'here', '--format', 'json'], options);
    expect(json.configuration).toEqual({ file: join(at, 'standbylint.config.json'), target: 'here', ignored: [] });
    expect(exitCode).toBe(1);

    const rule = json.findings.find(({ severity }) => severity === 'error')?.rule ?? '';
    const more = {
      targets: { here: { command: 'postmortem', pgdata: 'data' } },
      accepted: [{ ...accepted, rule, subject: 'here' }],
    };
    await writeFile(join(at, 'standbylint.config.json'), JSON.stringify(more));
    const again = await runStandbylint(['postmortem', '--target', 'here'], options);
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringMatching(/BROKEN[\s\S]*Accepted until 2027-01-31/u),
    ]);
  });

  it('shows what is in force and where from, without a secret', async () => {
    const cwd = await folderWith({
      options: { timeout: 3, 'fail-on': 'warning' },
      targets: { a: { command: 'postmortem', pgdata: '/x', timeout: 7 } },
      thresholds: { lagBytes: '2GB' },
    });
    const env = { STANDBYLINT_ADMIN: 'host=db1 password=hunter2', STANDBYLINT_LAG_SECONDS: '9' };
    const { stdout, exitCode } = await runStandbylint(['config', '--target', 'a'], { cwd, env });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('hunter2');
    const rows = new Map(stdout.split('\n').map((line) => [line.split(' ')[0], line.replaceAll(/ {2,}/gu, ' | ')]));
    expect(rows.get('timeout')).toBe(`timeout | 7 | ${cwd}/standbylint.config.json: targets.a`);
    expect(rows.get('fail-on')).toBe(`fail-on | warning | ${cwd}/standbylint.config.json: options`);
    expect(rows.get('thresholds.lagSeconds')).toBe('thresholds.lagSeconds | 9 | STANDBYLINT_LAG_SECONDS');
    expect(rows.get('thresholds.slotRetention')).toBe('thresholds.slotRetention | max_wal_size | default');
    const wrong = await runStandbylint(['config'], { cwd, env: { STANDBYLINT_LAG_BYTES: 'much' } });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringMatching(/STANDBYLINT_LAG_BYTES must be a size/u)]);
  });

  it('init writes one that it takes, with the standby of PGDATA, and replaces none', async () => {
    const cwd = await folderWith(undefined);
    const data = join(cwd, '17', 'main');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'standby.signal'), '');
    const first = await runStandbylint(['init'], { cwd, env: { PGDATA: data } });
    expect([first.exitCode, first.stdout]).toEqual([0, expect.stringContaining('17-main')]);
    const text = await readFile(join(cwd, 'standbylint.config.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ targets: { '17-main': { command: 'postmortem', pgdata: data } } });
    const second = await runStandbylint(['init'], { cwd });
    expect([second.exitCode, second.stderr]).toEqual([2, expect.stringMatching(/exists already/u)]);
    expect(await readFile(join(cwd, 'standbylint.config.json'), 'utf8')).toBe(text);
    expect((await runStandbylint(['config'], { cwd })).exitCode).toBe(0);
  });
});
